import { Hono } from 'hono';
import { checked } from '../contract/checked.ts';
import { groupName, groupRequest } from '../contract/selection.ts';
import { RequestFault } from '../contract/request-fault.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/groups`: named groups of devices. */
export function groupRoutes({ groups, schedules }: Api, note: Note): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', (c) => {
    onlyParameters(c);
    return c.json({ groups: groups.list() });
  });

  routes.get('/:name', (c) => c.json(groups.get(c.req.param('name'))));

  routes.put('/:name', async (c) => {
    const name = checked(c.req.param('name'), groupName);
    const { selection } = await readBody(c, groupRequest);
    const saved = await groups.save(name, selection);
    await note(c, 'group.save', name, selection);
    return c.json(saved);
  });

  routes.delete('/:name', async (c) => {
    const name = c.req.param('name');
    const schedule = schedules.forGroup(name);
    if (schedule !== undefined) {
      const msg = `the schedule "${schedule}" is for the group "${name}": change or remove it first`;
      throw new RequestFault('conflict', msg);
    }
    await groups.remove(name);
    await note(c, 'group.remove', name);
    return c.body(null, 204);
  });

  return routes;
}
