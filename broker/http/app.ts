import { existsSync } from 'node:fs';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { SignInGuard } from '../auth/sign-in-guard.ts';
import { CONTENT_TYPE, exposition, type Metric } from '../metrics/exposition.ts';
import { access, type AccessOptions, type ApiEnv } from './access.ts';
import { accountRoutes } from './account-routes.ts';
import type { Api } from './api.ts';
import { notesIn } from './audit-note.ts';
import { auditRoutes } from './audit-routes.ts';
import { batchRoutes } from './batch-routes.ts';
import { claimRoutes } from './claim-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { consoleRoutes } from './console-routes.ts';
import { credentialRoutes } from './credential-routes.ts';
import { deviceRoutes } from './device-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { guardedBy } from './guarded.ts';
import { headers, type HeaderOptions } from './headers.ts';
import { historyRoutes } from './history-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { answerTo, problem } from './problem.ts';
import { provisionRoutes } from './provision-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { serviceRoutes } from './service-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { timelineRoutes } from './timeline-routes.ts';

/** Longest body of a request, in bytes: to sign in, and of somebody who did. */
const SIGN_IN_LIMIT = 16_384;
const BODY_LIMIT = 524_288;

/** A browser keeps the authority's certificate as a file, and a phone offers to trust it. */
const AUTHORITY = {
  'Content-Type': 'application/x-x509-ca-cert',
  'Content-Disposition': 'attachment; filename="ca.pem"',
};
const NO_AUTHORITY = problem(
  'not_found',
  'this hub has no authority of its own: it was given a certificate, which clients trust or not by who issued it',
);

export interface AppOptions extends AccessOptions, HeaderOptions {
  /** Folder of the built console. */
  readonly consoleFolder: string;
  /** The local CA's certificate, PEM, unless the hub was given a certificate. */
  readonly ca: string | undefined;
  /** Figures of the hub, and what is wrong with it, while something is. */
  readonly health: () => Record<string, unknown> & { readonly trouble?: string | undefined };
  /** Figures of the hub, for whoever watches it over time. */
  readonly metrics: () => Iterable<Metric>;
  readonly api: Api;
  /** A clock that is never set, in ms. */
  readonly elapsed: () => number;
}

/** The hub's HTTP side: sign-in, the API, health, the CA's certificate and the built console. */
export function createApp(options: AppOptions): Hono<ApiEnv> {
  const { consoleFolder, api, ca, health, metrics, now, log } = options;
  const app = new Hono<ApiEnv>();
  app.use(headers(options));

  app.use('/api/*', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    return next();
  });
  app.use(access(options));

  app.get('/healthz', (c) => {
    const { trouble, ...figures } = health();
    return trouble === undefined
      ? c.json({ status: 'ok', ...figures })
      : c.json({ status: 'degraded', trouble, ...figures }, 503);
  });
  app.get('/metrics', (c) =>
    c.body(exposition(metrics()), 200, { 'Content-Type': CONTENT_TYPE, 'Cache-Control': 'no-store' }),
  );
  app.get('/ca.pem', (c) => (ca === undefined ? c.json(NO_AUTHORITY, 404) : c.body(ca, 200, AUTHORITY)));
  app.get('/.well-known/jwks.json', (c) => c.json(api.access.keys.jwks(now())));
  addApi(app, options);

  if (existsSync(consoleFolder)) app.route('/', consoleRoutes(consoleFolder));
  else log.warn(`the console is not built: run "npm run build" (looked in ${consoleFolder})`);

  app.notFound((c) => c.json(problem('not_found', `there is nothing at ${c.req.path}`), 404));
  app.onError((error, c) => answerTo(error, c, log));
  return app;
}

function addApi(app: Hono<ApiEnv>, { api, now, elapsed, log }: AppOptions): void {
  const { note, noteOf } = notesIn(api.records, now, log);
  for (const path of ['session', 'provision']) app.use(`/api/${path}/*`, limited(SIGN_IN_LIMIT));
  app.use('/api/*', limited(BODY_LIMIT));
  // One guard for all that is guessed: whoever is slowed at one door is slowed at the others.
  const guarded = guardedBy(new SignInGuard(), elapsed, log);
  app.route('/api/session', sessionRoutes(api.sessions, noteOf, guarded, now));
  app.route('/api/provision', provisionRoutes(api, noteOf, guarded, { now, elapsed }, log));
  app.route('/api/account', accountRoutes(api, note, guarded, now));
  app.route('/api/people', peopleRoutes(api, note, now));
  app.route('/api/services', serviceRoutes(api, note, now));
  app.route('/api/claims', claimRoutes(api, note, now));
  app.route('/api/devices', deviceRoutes(api, note));
  app.route('/api/devices', credentialRoutes(api, note, now));
  app.route('/api/devices', timelineRoutes(api));
  app.route('/api/groups', groupRoutes(api, note));
  app.route('/api/batches', batchRoutes(api, note, now));
  app.route('/api/schedules', scheduleRoutes(api, note, now));
  app.route('/api/commands', commandRoutes(api));
  app.route('/api/audit', auditRoutes(api, now));
  const { history, devices } = api;
  app.route('/api', historyRoutes({ history, devices: (id) => devices.device(id)?.description?.value, now }));
}

const limited = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (c) => c.json(problem('too_large', `a body may have ${maxSize} bytes`), 413),
  });
