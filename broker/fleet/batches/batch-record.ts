import type { BatchDelta } from '#firmware-protocol';
import {
  BATCH_STATES,
  batchOrder,
  COMMAND_STATES,
  listedOrder,
  type BatchOrder,
  type ListedBatch,
  type ToldBatch,
} from '../../contract/batch.ts';
import type { BatchRecord } from '../../store/commands.ts';
import { carried } from '../text.ts';
import type { BatchFields, BatchStage } from './batch.ts';

/** Longest name that the hub gives to a batch, in bytes: as long as people may make it. */
const NAME_BYTES = 80;

/** A batch as it is stored. */
export function toRecord(
  { id, who, name, order, createdAt }: BatchFields,
  { st, t, msg }: BatchStage,
): BatchRecord {
  return { id, who, name, request: JSON.stringify(order), st, t, createdAt, msg: msg ?? null };
}

/** @throws ZodError where its order cannot be understood */
export function fromRecord(record: BatchRecord): { fields: BatchFields; stage: BatchStage } {
  const { id, who, name, request, createdAt } = record;
  const order = batchOrder.parse(JSON.parse(request));
  return { fields: { id, who, name, order, createdAt }, stage: stageOf(record) };
}

const stageOf = ({ st, t, msg }: BatchRecord): BatchStage => ({ st, t, ...(msg !== null && { msg }) });

/** What the API says of a batch. @param tally how many of its commands are in each state of `COMMAND` */
export function toldBatch(fields: BatchFields, stage: BatchStage, tally: readonly number[]): ToldBatch {
  return { ...told(fields, stage, tally), request: fields.order };
}

/** What the API says of a batch in a list. @throws ZodError where its order cannot be understood */
export function listedBatch(record: BatchRecord, tally: readonly number[]): ListedBatch {
  const request = listedOrder.parse(JSON.parse(record.request));
  return { ...told(record, stageOf(record), tally), request };
}

/** The same of one that is at hand. */
export function inShort({ request, ...rest }: ToldBatch): ListedBatch {
  return { ...rest, request: orderInShort(request) };
}

/** An order with how many devices it selects by their ids, in place of these. */
export function orderInShort(order: BatchOrder): ListedBatch['request'] {
  const { ids, ...others } = order.selection;
  return { ...order, selection: { ...others, ...(ids && { ids: ids.length }) } };
}

function told(
  { id, who, name, createdAt }: Omit<BatchFields, 'order'>,
  { st, t, msg }: BatchStage,
  tally: readonly number[],
): Omit<ToldBatch, 'request'> {
  const counts = COMMAND_STATES.map((state, at) => [state, tally[at] ?? 0] as const);
  return {
    id,
    name,
    who,
    state: BATCH_STATES[st] ?? 'running',
    t,
    createdAt,
    ...(msg !== undefined && { msg }),
    devices: tally.reduce((sum, n) => sum + n, 0),
    tally: Object.fromEntries(counts.filter(([, n]) => n > 0)),
  };
}

/** What the feed says of a batch. */
export function batchDelta(
  { id, who, name, createdAt }: BatchFields,
  { st, t, msg }: BatchStage,
  tally: readonly number[],
): BatchDelta {
  return {
    id: Buffer.from(id, 'hex'),
    who,
    name,
    st,
    t,
    since: createdAt,
    n: tally.reduce((sum, n) => sum + n, 0),
    tally: [...tally],
    ...(msg !== undefined && { msg }),
  };
}

/** A name for a batch that was given none: what it does. */
export function nameOf({ set, run }: Pick<BatchOrder, 'set' | 'run'>): string {
  const written = Object.entries(set ?? {}).map(([key, value]) => `${key} = ${String(value)}`);
  return shortened(run ? run.action : written.join(', '));
}

/** Of a name no more than a batch may have. */
export const shortened = (name: string): string => carried(name, NAME_BYTES);
