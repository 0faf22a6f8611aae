import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type Context } from 'hono';

/** Names of built assets carry a hash of their content; everything else must be asked for again. */
const KEEP = 'public, max-age=31536000, immutable';
const ASK = 'no-cache';

/** Serves the built console. Paths of its own router all lead to its one page. */
export function consoleRoutes(root: string): Hono {
  const cache = (value: string) => (_path: string, c: Context) => c.header('Cache-Control', value);
  const routes = new Hono();
  routes.use('/assets/*', serveStatic({ root, precompressed: true, onFound: cache(KEEP) }));
  routes.use('/*', serveStatic({ root, onFound: cache(ASK) }));
  routes.get('/*', serveStatic({ root, path: 'index.html', onFound: cache(ASK) }));
  return routes;
}
