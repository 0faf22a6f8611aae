import { Hono } from 'hono';
import { principalName } from '../auth/principal.ts';
import { createClaim, listClaims, removeClaim } from '../auth/claims.ts';
import { claimRequest } from '../contract/claim.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/claims`: tokens with which devices register themselves. */
export function claimRoutes({ access }: Pick<Api, 'access'>, note: Note, now: () => number): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    onlyParameters(c);
    return c.json({ claims: await listClaims(access) });
  });

  routes.post('/', async (c) => {
    const request = await readBody(c, claimRequest);
    const made = await createClaim(access, request, principalName(c.get('asker')), now());
    await note(c, 'claim.create', made.claim.id, request);
    return c.json(made, 201);
  });

  routes.delete('/:id', async (c) => {
    const id = c.req.param('id');
    await removeClaim(access, id);
    await note(c, 'claim.remove', id);
    return c.body(null, 204);
  });

  return routes;
}
