import { Hono } from 'hono';
import { checked } from '../contract/checked.ts';
import { labels } from '../contract/labels.ts';
import { selection, type Selection } from '../contract/selection.ts';
import { RequestFault } from '../contract/request-fault.ts';
import type { DeviceView } from '../fleet/selection/device-view.ts';
import { matching } from '../fleet/selection/select.ts';
import { toldDevice, toldDeviceInFull } from '../fleet/told/told-device.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, pageById, readBody } from './request.ts';

/** `/api/devices`: which there are and how they are, and what people call them. */
export function deviceRoutes({ devices, groups }: Api, note: Note): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  const unknown = (id: string): RequestFault => new RequestFault('notFound', `there is no device ${id}`);

  function deviceOf(id: string): DeviceView {
    const device = devices.device(id);
    if (!device) throw unknown(id);
    return device;
  }

  routes.get('/', async (c) => {
    onlyParameters(c, 'tag', 'model', 'group', 'limit', 'after');
    const { tag, model, group } = c.req.query();
    const narrowed = { tag, model, group };
    const asked: Selection = Object.values(narrowed).some((field) => field !== undefined)
      ? checked(narrowed, selection)
      : { all: true };
    const all = matching(asked, devices, groups.lookup);
    const { entries, next } = await pageById(
      c,
      ({ after = '', limit }) => all.filter(({ id }) => id > after).slice(0, limit),
      ({ id }) => id,
    );
    return c.json({ devices: entries.map(toldDevice), ...(next !== undefined && { next }) });
  });

  routes.get('/:id', (c) => c.json(toldDeviceInFull(deviceOf(c.req.param('id')))));

  routes.patch('/:id', async (c) => {
    const { id } = deviceOf(c.req.param('id'));
    const change = await readBody(c, labels);
    const { tags } = change;
    if (!(await devices.label(id, { ...change, ...(tags && { tags: [...new Set(tags)] }) })))
      throw unknown(id);
    await note(c, 'device.label', id, change);
    return c.json(toldDevice(deviceOf(id)));
  });

  return routes;
}
