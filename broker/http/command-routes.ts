import { Hono } from 'hono';
import { toldCommand } from '../fleet/told/told-command.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import { page } from './request.ts';

/** `/api/commands`: what devices were asked to do, and what became of it. */
export function commandRoutes({ devices, records }: Api): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    const device = c.req.query('device');
    const commands = await records.commands({ ...page(c), ...(device !== undefined && { device }) });
    return c.json({
      commands: commands.map((record) =>
        toldCommand(record, devices.device(record.device)?.description?.value),
      ),
    });
  });

  return routes;
}
