import { existsSync } from 'node:fs';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import type { Sessions } from '../auth/sessions.ts';
import type { Log } from '../log/log.ts';
import { consoleRoutes } from './console-routes.ts';
import { problem } from './problem.ts';
import { sessionRoutes } from './session-routes.ts';

/** Longest body of a request to the API, in bytes. */
const BODY_LIMIT = 16_384;

export interface AppOptions {
  /** Folder of the built console. */
  readonly consoleFolder: string;
  readonly sessions: Sessions;
  readonly originAllowed: (origin: string) => boolean;
  /** The local CA's certificate, PEM. */
  readonly ca: string;
  /** Figures of the hub, and what is wrong with it, while something is. */
  readonly health: () => Record<string, unknown> & { readonly trouble?: string | undefined };
  readonly log: Log;
}

/** The hub's HTTP side: sign-in, health, the CA's certificate and the built console. */
export function createApp({ consoleFolder, sessions, originAllowed, ca, health, log }: AppOptions): Hono {
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
    const origin = c.req.header('Origin');
    if (c.req.method !== 'GET' && (origin === undefined || !originAllowed(origin))) {
      log.warnLimited('origin', `refused ${c.req.method} ${c.req.path} from Origin ${origin ?? '(none)'}`);
      return c.json(
        problem('origin_not_allowed', 'this page may not do that: its origin is not allowed'),
        403,
      );
    }
    c.header('Cache-Control', 'no-store');
    return next();
  });
  app.use('/api/*', bodyLimit({ maxSize: BODY_LIMIT, onError: tooLarge }));
  app.route('/api/session', sessionRoutes(sessions));
  app.all('/api/*', (c) => c.json(problem('not_found', `there is no ${c.req.method} ${c.req.path}`), 404));

  if (existsSync(consoleFolder)) app.route('/', consoleRoutes(consoleFolder));
  else log.warn(`the console is not built: run "npm run build" (looked in ${consoleFolder})`);

  app.notFound((c) => c.json(problem('not_found', `there is nothing at ${c.req.path}`), 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json(problem('bad_request', error.message), error.status);
    log.error(`${c.req.method} ${c.req.path} failed`, error);
    return c.json(problem('internal', 'the hub failed to answer; its log says why'), 500);
  });
  return app;
}

const tooLarge = (c: Context) => c.json(problem('too_large', `a body may have ${BODY_LIMIT} bytes`), 413);
