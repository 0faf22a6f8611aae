import { Hono } from 'hono';
import {
  changeService,
  createService,
  listServices,
  removeService,
  rotateService,
} from '../auth/services.ts';
import { serviceChange, serviceRequest } from '../contract/service.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/services`: integrations, and what they may do. */
export function serviceRoutes(
  { access, accessChanged }: Pick<Api, 'access' | 'accessChanged'>,
  note: Note,
  now: () => number,
): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    onlyParameters(c);
    return c.json({ services: await listServices(access) });
  });

  routes.post('/', async (c) => {
    const request = await readBody(c, serviceRequest);
    const made = await createService(access, request, now());
    const { id, ...detail } = request;
    await note(c, 'service.create', `@${id}`, detail);
    return c.json(made, 201);
  });

  routes.patch('/:id', async (c) => {
    const id = c.req.param('id');
    const change = await readBody(c, serviceChange);
    const service = await changeService(access, id, change);
    accessChanged({ kind: 'service', id });
    await note(c, 'service.change', `@${id}`, change);
    return c.json(service);
  });

  routes.post('/:id/token', async (c) => {
    const id = c.req.param('id');
    const made = await rotateService(access, id, now());
    accessChanged({ kind: 'service', id });
    await note(c, 'service.rotate', `@${id}`);
    return c.json(made, 201);
  });

  routes.delete('/:id', async (c) => {
    const id = c.req.param('id');
    await removeService(access, id);
    accessChanged({ kind: 'service', id });
    await note(c, 'service.remove', `@${id}`);
    return c.body(null, 204);
  });

  return routes;
}
