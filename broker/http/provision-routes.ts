import { Hono } from 'hono';
import { ClaimRefused, provision } from '../auth/claims.ts';
import { SignInGuard } from '../auth/sign-in-guard.ts';
import { provisionRequest } from '../contract/claim.ts';
import type { Log } from '../log/log.ts';
import { bearerOf, type ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { NoteOf } from './audit-note.ts';
import { problem } from './problem.ts';
import { readBody } from './request.ts';

const REFUSED = problem(
  'claim_refused',
  'this claim is unknown, used up, too old, or for devices of another model',
);

/** `/api/provision`: a device registers itself with the token of a claim. */
export function provisionRoutes(
  { access, registryChanged }: Pick<Api, 'access' | 'registryChanged'>,
  noteOf: NoteOf,
  now: () => number,
  log: Log,
): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const guard = new SignInGuard();

  routes.post('/', async (c) => {
    const attempt = c.get('client');
    const wait = Math.ceil(guard.wait(attempt, now()) / 1_000);
    if (wait > 0) {
      const message = `too many claims were refused: wait ${wait} s, then try again`;
      return c.json(problem('too_many_tries', message), 429, { 'Retry-After': String(wait) });
    }
    const request = await readBody(c, provisionRequest);
    guard.begin(attempt, now());
    try {
      const { issued, claim } = await provision(access, bearerOf(c) ?? '', request, now());
      guard.succeeded(attempt);
      await registryChanged();
      await noteOf(c, { who: issued.id, action: 'device.provision', subject: issued.id, detail: { claim } });
      return c.json(issued, 201);
    } catch (error) {
      if (!(error instanceof ClaimRefused)) throw error;
      log.warnLimited(
        `claim:${attempt.address}`,
        `refused a claim from ${attempt.address}: ${error.message}`,
      );
      return c.json(REFUSED, 401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
    }
  });

  return routes;
}
