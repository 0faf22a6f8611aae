import fc from 'fast-check';
import { ACK, type CommandRequest } from '#firmware-protocol';
import { values } from '../builders.ts';
import type { Outcome } from './model-device.ts';

/** One thing that may happen to a hub, to its store, to its device, or between them. */
export type Happening =
  | { readonly what: 'command'; readonly last: number; readonly fields: Partial<CommandRequest> }
  | { readonly what: 'wish'; readonly last: number; readonly value: number }
  | { readonly what: 'cancel'; readonly last: number }
  | { readonly what: 'comes' | 'goes' | 'reboots' | 'reports' }
  | { readonly what: 'handles'; readonly outcome: Outcome }
  | { readonly what: 'works'; readonly st: typeof ACK.progress | typeof ACK.done | typeof ACK.failed }
  /** Answers reach the hub: so many, the last of them as often as it says. */
  | { readonly what: 'answers'; readonly count: number; readonly copies: number }
  | { readonly what: 'time'; readonly ms: number }
  | { readonly what: 'clock'; readonly by: number }
  | { readonly what: 'store'; readonly does: 'fail' | 'work' | 'hold' | 'let go' }
  /** The hub is killed and starts again; of the writes that its store still had to do, so many are done. */
  | { readonly what: 'restart'; readonly stillDone: number };

// Few ids, so that many are used again.
const commandId = fc.integer({ min: 1, max: 24 });
const wishId = fc.integer({ min: 201, max: 206 });

const asked: fc.Arbitrary<Partial<CommandRequest>> = fc.oneof(
  fc.constant({ vals: values({ 1: true }) }),
  fc.integer({ min: 0, max: 110 }).map((level) => ({ vals: values({ 2: level }) })),
  fc.constant({ vals: values({ 1: false, 2: 5 }) }),
);

const fields = fc
  .tuple(asked, fc.boolean(), fc.constantFrom(800, 10_000, 60_000))
  .map(([deed, wait, ttl]) => ({ ...deed, wait, ttl: wait ? ttl * 10 : ttl }));

/** Anything that may happen, what matters most the most often. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('command' as const), last: commandId, fields }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('wish' as const),
      last: wishId,
      value: fc.integer({ min: 0, max: 101 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('cancel' as const), last: fc.oneof(commandId, wishId) }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('comes' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('goes', 'reboots', 'reports') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('handles' as const),
      outcome: fc.constantFrom<Outcome>('done', 'accepted', 'failed', 'rejected'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('works' as const),
      st: fc.constantFrom(ACK.progress, ACK.done, ACK.failed),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('answers' as const),
      count: fc.integer({ min: 1, max: 4 }),
      copies: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('time' as const),
      ms: fc.constantFrom(50, 300, 1_000, 3_100, 11_000, 61_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('clock' as const),
      by: fc.constantFrom(3_600_000, -3_600_000, 20_000, -20_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('store' as const),
      does: fc.constantFrom('fail', 'work', 'hold', 'let go'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('restart' as const),
      stillDone: fc.integer({ min: 0, max: 3 }),
    }),
  },
);
