import { Hono } from 'hono';
import { principalName } from '../auth/principal.ts';
import { batchRequest, COMMAND_STATES, commandState, retryRequest } from '../contract/batch.ts';
import { checked } from '../contract/checked.ts';
import { orderInShort } from '../fleet/batches/batch-record.ts';
import { toldCommands } from '../fleet/told/told-commands.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { latest, onlyParameters, pageById, readBody } from './request.ts';

/** Most batches in one answer. */
const MOST_LISTED = 200;

/** `/api/batches`: one request for many devices. */
export function batchRoutes({ batches, devices, records }: Api, note: Note, now: () => number): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.post('/', async (c) => {
    const request = await readBody(c, batchRequest);
    const told = await batches.start(request, principalName(c.get('asker')), now());
    await note(c, 'batch.start', told.id, orderInShort(request));
    return c.json(told, 201);
  });

  routes.get('/', async (c) => {
    onlyParameters(c, 'before', 'limit');
    const told = await latest(
      c,
      MOST_LISTED,
      (page) => batches.list(page),
      ({ createdAt }) => createdAt,
    );
    return c.json({ batches: told });
  });

  routes.get('/:id', async (c) => c.json(await batches.get(c.req.param('id'))));

  routes.get('/:id/commands', async (c) => {
    onlyParameters(c, 'state', 'limit', 'after');
    const asked = c.req.query('state');
    const st = asked === undefined ? undefined : COMMAND_STATES.indexOf(checked(asked, commandState));
    const { entries, next } = await pageById(
      c,
      (page) => batches.commands(c.req.param('id'), { ...page, ...(st !== undefined && { st }) }),
      ({ device }) => device,
    );
    const told = await toldCommands(entries, records, (device) => devices.device(device)?.description?.value);
    return c.json({ commands: told, ...(next !== undefined && { next }) });
  });

  routes.post('/:id/cancel', async (c) => {
    const id = c.req.param('id');
    const told = await batches.cancel(id, principalName(c.get('asker')), now());
    await note(c, 'batch.cancel', id);
    return c.json(told);
  });

  routes.post('/:id/retry', async (c) => {
    const batch = c.req.param('id');
    const { id } = await readBody(c, retryRequest);
    const told = await batches.retry(batch, id, principalName(c.get('asker')), now());
    await note(c, 'batch.retry', batch, { id: told.id });
    return c.json(told, 201);
  });

  return routes;
}
