import { Hono, type Context } from 'hono';
import { toPhysical, type Description } from '#firmware-protocol';
import type { History as HistoryAnswer } from '../contract/history.ts';
import { RequestFault } from '../contract/request-fault.ts';
import { HistoryError, type ExportedPage, type History, type SeriesHistory } from '../history/history.ts';
import type { ApiEnv } from './access.ts';
import { exportFormat, type ExportFormat } from './history-export.ts';
import { choiceOf, FORMATS, pointsOf, rangeOf, RESOLUTIONS } from './history-parameters.ts';
import { problem } from './problem.ts';
import { onlyParameters } from './request.ts';

export interface HistoryRoutesOptions {
  readonly history: Pick<History, 'query' | 'export' | 'devices'>;
  /** A device's description; undefined where there is no such device, or it never said what it is. */
  readonly devices: (id: string) => Description | undefined;
  /** Unix time in ms. */
  readonly now: () => number;
}

/** Most properties that a request may name: as many as a message of a device can have values. */
const MOST_PROPERTIES = 128;

/** `/devices/{id}/history` for charts, and `/history` for exports, both below `/api`. */
export function historyRoutes({ history, devices, now }: HistoryRoutesOptions): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/devices/:id/history', async (c) => {
    onlyParameters(c, 'from', 'to', 'points', 'property');
    const device = c.req.param('id');
    const description = devices(device);
    if (!description) return c.json(problem('not_found', `nothing is known of a device "${device}"`), 404);
    const parameter = (name: string) => c.req.query(name);
    const { from, to } = rangeOf(parameter, now());
    const keys = c.req.queries('property');
    const pids = keys && [...(pidsOf(keys, [[device, description]]).get(device) ?? [])];
    const { bucket, series } = await history.query({ device, pids, from, to, points: pointsOf(parameter) });
    const answer: HistoryAnswer = { from, to, bucket, series: series.map((one) => told(one, description)) };
    return c.json(answer);
  });

  routes.get('/history', async (c) => {
    onlyParameters(c, 'device', 'from', 'to', 'property', 'resolution', 'format');
    const parameter = (name: string) => c.req.query(name);
    const { from, to } = rangeOf(parameter, now());
    const resolution = choiceOf(parameter, 'resolution', RESOLUTIONS);
    const format = choiceOf(parameter, 'format', FORMATS);
    const named = c.req.queries('device');
    const described = new Map<string, Description>();
    for (const device of named ?? history.devices()) {
      const description = devices(device);
      if (description) described.set(device, description);
      else if (named) return c.json(problem('not_found', `nothing is known of a device "${device}"`), 404);
    }
    const keys = c.req.queries('property');
    const pids = keys && pidsOf(keys, [...described]);
    const pages = history.export({
      devices: [...described.keys()],
      wanted: (device, pid) => pids?.get(device)?.has(pid) ?? keys === undefined,
      from,
      to,
      resolution,
    });
    const written = exportFormat(format, resolution);
    // A file that cannot be read is said so, instead of beginning an answer that ends early.
    const first = await pages.next();
    const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
    return c.body(streamOf(written, described, first, pages), 200, {
      'Content-Type': written.contentType,
      'Content-Disposition': `attachment; filename="history-${day(from)}-to-${day(to)}.${format}"`,
    });
  });

  routes.onError((error, c: Context) => {
    if (error instanceof HistoryError) return c.json(problem('store_failed', error.message), 503);
    throw error;
  });
  return routes;
}

/** Property ids of each device for keys, of which each must be that of some device. @throws RequestFault */
function pidsOf(
  keys: readonly string[],
  described: readonly (readonly [string, Description])[],
): Map<string, ReadonlySet<number>> {
  const wanted = new Set(keys);
  if (wanted.size > MOST_PROPERTIES) {
    throw new RequestFault(
      'invalid',
      `"property": ${wanted.size} are more than the ${MOST_PROPERTIES} that may be named`,
    );
  }
  const unknown = new Set(wanted);
  // Devices of one model share their description.
  const known = new Map<Description, ReadonlySet<number>>();
  for (const [, description] of described) {
    if (known.has(description)) continue;
    const found = description.props.filter(({ key }) => wanted.has(key));
    for (const { key } of found) unknown.delete(key);
    known.set(description, new Set(found.map(({ pid }) => pid)));
  }
  const [missing] = unknown;
  if (missing !== undefined) {
    throw new RequestFault('invalid', `"property": no device that was asked for has a property "${missing}"`);
  }
  return new Map(described.map(([device, description]) => [device, known.get(description) ?? new Set()]));
}

function told(
  { pid, t, min, max, mean, last }: SeriesHistory,
  { props }: Description,
): HistoryAnswer['series'][0] {
  const property = props.find((candidate) => candidate.pid === pid);
  const physical = (values: Float64Array): number[] =>
    Array.from(values, (wire) => toPhysical(property ?? {}, wire));
  return {
    pid,
    key: property?.key ?? String(pid),
    t: Array.from(t),
    min: physical(min),
    max: physical(max),
    mean: physical(mean),
    last: physical(last),
  };
}

/** The next page is read when the one before has gone out, so that a slow reader costs no memory. */
function streamOf(
  { head, lines }: ExportFormat,
  described: ReadonlyMap<string, Description>,
  first: IteratorResult<ExportedPage, void>,
  pages: AsyncGenerator<ExportedPage, void>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: IteratorResult<ExportedPage, void> | undefined = first;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (head) controller.enqueue(encoder.encode(head));
    },
    pull: async (controller) => {
      const page: IteratorResult<ExportedPage, void> = next ?? (await pages.next());
      next = undefined;
      if (page.done) return controller.close();
      const text = lines(page.value, described.get(page.value.device) as Description);
      // A stream that was given nothing would not ask again.
      controller.enqueue(encoder.encode(text));
    },
    cancel: async () => {
      await pages.return();
    },
  });
}
