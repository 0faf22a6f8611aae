import { Hono } from 'hono';
import { toldCommand } from '../fleet/told/told-command.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import { latest } from './request.ts';

/** `/api/commands`: what devices were asked to do, and what became of it. */
export function commandRoutes({ devices, records }: Api): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    const device = c.req.query('device');
    const commands = await latest(
      c,
      1_000,
      (page) => records.commands({ ...page, ...(device !== undefined && { device }) }),
      ({ createdAt }) => createdAt,
    );
    return c.json({
      commands: commands.map((record) =>
        toldCommand(record, devices.device(record.device)?.description?.value),
      ),
    });
  });

  return routes;
}
