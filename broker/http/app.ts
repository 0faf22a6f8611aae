import { existsSync } from 'node:fs';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { Sessions } from '../auth/sessions.ts';
import type { Log } from '../log/log.ts';
import { access, type Identify } from './access.ts';
import type { Api } from './api.ts';
import { noteIn } from './audit-note.ts';
import { auditRoutes } from './audit-routes.ts';
import { batchRoutes } from './batch-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { consoleRoutes } from './console-routes.ts';
import { deviceRoutes } from './device-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { answerTo, problem } from './problem.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { timelineRoutes } from './timeline-routes.ts';

/** Longest body of a request, in bytes: to sign in, and of somebody who did. */
const SIGN_IN_LIMIT = 16_384;
const BODY_LIMIT = 1_048_576;

/** What an access token is needed for. */
const GUARDED = ['devices', 'groups', 'batches', 'commands', 'schedules', 'history', 'audit'];

export interface AppOptions {
  /** Folder of the built console. */
  readonly consoleFolder: string;
  readonly sessions: Sessions;
  readonly originAllowed: (origin: string) => boolean;
  /** The local CA's certificate, PEM. */
  readonly ca: string;
  /** Figures of the hub, and what is wrong with it, while something is. */
  readonly health: () => Record<string, unknown> & { readonly trouble?: string | undefined };
  readonly api: Api;
  /** Whom an access token is of. */
  readonly identify: Identify;
  /** The hub's time, in Unix ms. */
  readonly now: () => number;
  readonly log: Log;
}

/** The hub's HTTP side: sign-in, the API, health, the CA's certificate and the built console. */
export function createApp(options: AppOptions): Hono {
  const { consoleFolder, sessions, originAllowed, ca, health, log } = options;
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      // The hub's certificate is its own: a browser that pinned https for "localhost" would break other servers.
      strictTransportSecurity: false,
      referrerPolicy: 'no-referrer',
    }),
  );

  app.get('/healthz', (c) => {
    const { trouble, ...figures } = health();
    return trouble === undefined
      ? c.json({ status: 'ok', ...figures })
      : c.json({ status: 'degraded', trouble, ...figures }, 503);
  });
  app.get('/ca.pem', (c) => c.body(ca, 200, { 'Content-Type': 'application/x-pem-file' }));

  app.use('/api/*', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    return next();
  });
  // A browser sends its cookie along, whichever page asks.
  app.use('/api/session/*', async (c, next) => {
    const origin = c.req.header('Origin');
    if (c.req.method === 'GET' || (origin !== undefined && originAllowed(origin))) return next();
    log.warnLimited('origin', `refused ${c.req.method} ${c.req.path} from Origin ${origin ?? '(none)'}`);
    return c.json(problem('origin_not_allowed', 'this page may not do that: its origin is not allowed'), 403);
  });
  app.use('/api/session/*', limited(SIGN_IN_LIMIT));
  app.route('/api/session', sessionRoutes(sessions));
  addApi(app, options);
  app.all('/api/*', (c) => c.json(problem('not_found', `there is no ${c.req.method} ${c.req.path}`), 404));

  if (existsSync(consoleFolder)) app.route('/', consoleRoutes(consoleFolder));
  else log.warn(`the console is not built: run "npm run build" (looked in ${consoleFolder})`);

  app.notFound((c) => c.json(problem('not_found', `there is nothing at ${c.req.path}`), 404));
  app.onError((error, c) => answerTo(error, c, log));
  return app;
}

function addApi(app: Hono, { api, identify, now, log }: AppOptions): void {
  const guard = access(identify, now);
  for (const path of GUARDED) app.use(`/api/${path}/*`, guard, limited(BODY_LIMIT));
  const note = noteIn(api.records, now, log);
  app.route('/api/devices', deviceRoutes(api, note));
  app.route('/api/devices', timelineRoutes(api));
  app.route('/api/groups', groupRoutes(api, note));
  app.route('/api/batches', batchRoutes(api, note, now));
  app.route('/api/schedules', scheduleRoutes(api, note, now));
  app.route('/api/commands', commandRoutes(api));
  app.route('/api/audit', auditRoutes(api));
  const { history, devices } = api;
  app.route('/api', historyRoutes({ history, devices: (id) => devices.device(id)?.description?.value, now }));
}

const limited = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (c) => c.json(problem('too_large', `a body may have ${maxSize} bytes`), 413),
  });
