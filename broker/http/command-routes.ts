import { Hono } from 'hono';
import { RequestFault } from '../contract/request-fault.ts';
import { toldCommands } from '../fleet/told/told-commands.ts';
import type { CommandQuery, CommandRecord } from '../store/commands.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import { onlyParameters, queryNumber } from './request.ts';

const MOST_LISTED = 1_000;
const LISTED = 50;

/** `/api/commands`: what devices were asked to do, and what became of it. */
export function commandRoutes({ devices, records }: Api): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    onlyParameters(c, 'device', 'limit', 'before');
    const device = c.req.query('device');
    const limit = queryNumber(c, 'limit', 1, MOST_LISTED) ?? LISTED;
    const place = placeOf(c.req.query('before'));
    const found = await records.commands({
      ...place,
      ...(device !== undefined && { device }),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const descriptionOf = (id: string) => devices.device(id)?.description?.value;
    return c.json({
      commands: await toldCommands(page, records, descriptionOf),
      ...(found.length > limit && last && { next: keyOf(last) }),
    });
  });

  return routes;
}

/** The place of a command in the list: a batch makes thousands in one moment. */
const keyOf = ({ createdAt, device, id }: CommandRecord): string => `${createdAt}.${device}.${id}`;

/** @throws RequestFault where it is neither a time nor a key */
function placeOf(before: string | undefined): Pick<CommandQuery, 'before' | 'after'> {
  if (before === undefined) return {};
  const [, time, device, id] = /^(\d{1,15})(?:\.(.+)\.([0-9a-f]{16}))?$/.exec(before) ?? [];
  if (time === undefined) {
    throw new RequestFault(
      'invalid',
      `before: must be a time in ms or the "next" of a page, not "${before}"`,
    );
  }
  return device !== undefined && id !== undefined
    ? { after: { createdAt: Number(time), device, id } }
    : { before: Number(time) };
}
