import { Hono } from 'hono';
import { RequestFault } from '../contract/request-fault.ts';
import { timeline } from '../fleet/told/timeline.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import { latest, onlyParameters } from './request.ts';

/** `/api/devices/{id}/timeline`: what happened to a device. */
export function timelineRoutes({ devices, records }: Api): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/:id/timeline', async (c) => {
    onlyParameters(c, 'before', 'limit');
    const id = c.req.param('id');
    const device = devices.device(id);
    if (!device) throw new RequestFault('notFound', `there is no device ${id}`);
    const entries = await latest(
      c,
      1_000,
      (page) => timeline(records, id, device.description?.value, page),
      ({ t }) => t,
    );
    return c.json({ entries });
  });

  return routes;
}
