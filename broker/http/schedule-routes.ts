import { Hono } from 'hono';
import { principalName } from '../auth/principal.ts';
import { scheduleRequest, type ScheduleRequest } from '../contract/schedule.ts';
import { orderInShort } from '../fleet/batches/batch-record.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/schedules`: batches at a time, once or again and again. */
export function scheduleRoutes({ schedules }: Api, note: Note, now: () => number): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    onlyParameters(c);
    return c.json({ schedules: await schedules.list() });
  });

  routes.get('/:id', async (c) => c.json(await schedules.get(c.req.param('id'))));

  routes.post('/', async (c) => {
    const request = await readBody(c, scheduleRequest);
    const told = await schedules.create(request, principalName(c.get('asker')), now());
    await note(c, 'schedule.save', told.id, detailOf(request));
    return c.json(told, 201);
  });

  routes.put('/:id', async (c) => {
    const request = await readBody(c, scheduleRequest);
    const told = await schedules.replace(c.req.param('id'), request, principalName(c.get('asker')), now());
    await note(c, 'schedule.save', told.id, detailOf(request));
    return c.json(told);
  });

  routes.delete('/:id', async (c) => {
    const id = c.req.param('id');
    await schedules.remove(id);
    await note(c, 'schedule.remove', id);
    return c.body(null, 204);
  });

  return routes;
}

/** What the audit says of a schedule. A list of thousands of ids is kept with it: the audit says how many. */
const detailOf = ({ name, enabled, plan: { when, batch } }: ScheduleRequest) => ({
  name,
  enabled,
  when,
  batch: orderInShort(batch),
});
