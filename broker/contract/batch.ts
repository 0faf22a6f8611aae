import * as z from 'zod/mini';
import { listedSelection, name, selection } from './selection.ts';

/** A value as people write it: 21.5, true, "heat" for a name of an enum, "#ff8000" for a colour, hex for bytes. */
export const written = z.union([z.boolean(), z.number(), z.string().check(z.maxLength(512))]);
export type Written = z.infer<typeof written>;

const key = z.string().check(z.minLength(1), z.maxLength(256));

/** A record would drop this key in silence, and what was asked for would be another thing. */
const PROTO = '__proto__';

const set = z.pipe(
  z.unknown().check(
    z.refine((given) => typeof given !== 'object' || given === null || !Object.hasOwn(given, PROTO), {
      error: `has "${PROTO}", which is no property`,
    }),
  ),
  z
    .record(key, written)
    .check(z.refine((record) => Object.keys(record).length > 0, { error: 'has no property to write' })),
);

/** What to do: either write properties, by their keys, or run an action, by its key. */
const deed = {
  set: z.optional(set),
  run: z.optional(z.strictObject({ action: key, args: z.optional(z.array(written).check(z.maxLength(8))) })),
};

const order = {
  name: z.optional(name),
  selection,
  ...deed,
  /** How long each command may live once its turn has come. */
  ttl: z._default(z.int().check(z.minimum(1), z.maximum(604_800_000)), 10_000),
  /** Whether commands for devices that are away wait for them, until `ttl` is over, or are refused. */
  wait: z._default(z.boolean(), false),
  /** Most commands under way at once, and most that begin in a second. */
  concurrency: z._default(z.int().check(z.minimum(1), z.maximum(20_000)), 1_000),
  rate: z.optional(z.int().check(z.minimum(1), z.maximum(20_000))),
  /** The batch stops once more than this percentage of all its devices have failed. */
  stopAt: z.optional(z.int().check(z.minimum(0), z.maximum(99))),
};

/** The longest life of a command that does not wait for its device, in ms (SPEC.md 6.13). */
const SHORT_LIFE = 60_000;

const oneDeed = z.refine<{ set?: unknown; run?: unknown }>(
  ({ set, run }) => (set === undefined) !== (run === undefined),
  { error: 'needs exactly one of "set" and "run"' },
);
const patient = z.refine<{ ttl: number; wait: boolean }>(({ ttl, wait }) => wait || ttl <= SHORT_LIFE, {
  error: `is more than ${SHORT_LIFE} ms, which only commands with "wait": true may have`,
  path: ['ttl'],
});

/** What is to be done and how, without the id that tells one time of asking from another. Times in ms. */
export const batchOrder = z.strictObject(order).check(oneDeed, patient);
export type BatchOrder = z.infer<typeof batchOrder>;

const batchId = z.string().check(z.regex(/^[0-9a-f]{16}$/, { error: 'must be sixteen hex digits' }));

/** `POST /api/batches`: asking twice with the same id, sixteen hex digits, is asking once. */
export const batchRequest = z.strictObject({ id: z.optional(batchId), ...order }).check(oneDeed, patient);
export type BatchRequest = z.infer<typeof batchRequest>;

/** `POST /api/batches/{id}/retry`: the id of the new batch, as above. */
export const retryRequest = z.strictObject({ id: z.optional(batchId) });

/** The steps in the life of a command, as the API names them. */
export const COMMAND_STATES = [
  'created',
  'accepted',
  'progress',
  'done',
  'failed',
  'rejected',
  'sent',
  'expired',
  'timedOut',
  'unknown',
  'cancelled',
] as const;
export const commandState = z.enum(COMMAND_STATES);

/** One command, or wish, as `GET /api/commands` and `GET /api/batches/{id}/commands` tell it. */
export const toldCommand = z.object({
  device: z.string(),
  id: z.string(),
  who: z.string(),
  batch: z.optional(z.string()),
  /** Whether it is a wish for desired state. */
  wish: z.boolean(),
  set: z.optional(z.record(z.string(), written)),
  run: z.optional(z.object({ action: z.string(), args: z.array(written) })),
  state: commandState,
  t: z.number(),
  createdAt: z.number(),
  expiresAt: z.optional(z.number()),
  code: z.optional(z.number()),
  msg: z.optional(z.string()),
  steps: z.array(
    z.object({
      state: commandState,
      t: z.number(),
      code: z.optional(z.number()),
      msg: z.optional(z.string()),
    }),
  ),
});
export type ToldCommand = z.infer<typeof toldCommand>;

export const BATCH_STATES = ['running', 'done', 'stopped', 'cancelled'] as const;

/** A batch, as `GET /api/batches/{id}` tells it. */
export const toldBatch = z.object({
  id: z.string(),
  name: z.string(),
  who: z.string(),
  state: z.enum(BATCH_STATES),
  t: z.number(),
  createdAt: z.number(),
  msg: z.optional(z.string()),
  devices: z.number(),
  /** How many of its commands are in each state; states that none is in are left out. */
  tally: z.partialRecord(commandState, z.number()),
  request: batchOrder,
});
export type ToldBatch = z.infer<typeof toldBatch>;

export const listedOrder = z.strictObject({ ...order, selection: listedSelection });

/** The same, as `GET /api/batches` lists it: where devices were asked for by their ids, only how many. */
export const listedBatch = z.extend(toldBatch, { request: listedOrder });
export type ListedBatch = z.infer<typeof listedBatch>;
