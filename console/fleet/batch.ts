import { BATCH, COMMAND, type BatchDelta } from '#firmware-protocol';
import type { ToldBatch } from '#broker/contract/batch.ts';
import { toHex } from '../format/hex.ts';

export type BatchState = keyof typeof BATCH;

/** One request to many devices, as far as it has come. */
export interface Batch {
  readonly id: string;
  readonly name: string;
  readonly who: string;
  readonly state: BatchState;
  /** Hub time in ms: when it was asked for, and when this was told. */
  readonly since: number;
  readonly at: number;
  readonly msg: string | undefined;
  readonly devices: number;
  /** How many commands are in each state of `COMMAND`, by its number. */
  readonly tally: readonly number[];
}

const STATES = Object.keys(BATCH) as BatchState[];

export function batchFromDelta({ id, name, who, st, since, t, msg, n, tally }: BatchDelta): Batch {
  const state = STATES[st] ?? 'running';
  return { id: toHex(id), name, who, state, since, at: t, msg, devices: n, tally };
}

export function batchFromTold({ tally, createdAt, t, msg, ...told }: Omit<ToldBatch, 'request'>): Batch {
  const { id, name, who, state, devices } = told;
  const counts = Object.keys(COMMAND).map((stage) => tally[stage as keyof typeof tally] ?? 0);
  return { id, name, who, state, since: createdAt, at: t, msg, devices, tally: counts };
}

/** How the commands of a batch stand, in the words of its bar. */
export const OUTCOMES = ['done', 'failed', 'unclear', 'cancelled', 'underway', 'waiting'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const OUTCOME: Readonly<Record<keyof typeof COMMAND, Outcome>> = {
  created: 'waiting',
  sent: 'underway',
  accepted: 'underway',
  progress: 'underway',
  done: 'done',
  failed: 'failed',
  rejected: 'failed',
  expired: 'failed',
  timedOut: 'unclear',
  unknown: 'unclear',
  cancelled: 'cancelled',
};

/** The outcome that a state of a command counts as. */
export const outcomeOf = (stage: keyof typeof COMMAND): Outcome => OUTCOME[stage];

/** How many commands count as each outcome. */
export function countOutcomes(tally: readonly number[]): Readonly<Record<Outcome, number>> {
  const counts = { done: 0, failed: 0, unclear: 0, cancelled: 0, underway: 0, waiting: 0 };
  for (const [stage, st] of Object.entries(COMMAND)) {
    counts[OUTCOME[stage as keyof typeof COMMAND]] += tally[st] ?? 0;
  }
  return counts;
}

/** Whether there is anything to try again. */
export const canRetry = ({ state, tally, devices }: Batch): boolean =>
  state !== 'running' && (tally[COMMAND.done] ?? 0) < devices;
