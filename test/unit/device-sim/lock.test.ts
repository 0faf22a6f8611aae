import { describe, expect, it } from 'vitest';
import { ACK, CODE } from '#firmware-protocol';
import { acks, Bench, lastState, type Said } from './bench-device.ts';

const LOCKED = 1;
const JAMMED = 2;
const AUTO_LOCK = 3;
const CLEAR_JAM = 1;

const lockWith = (seed: number): Bench => Bench.online('lock', { seed, intervalMs: 3_600_000 });

function turn(lock: Bench): Said[] {
  const was = lastState(lock.tellTime(2))?.vals.get(LOCKED);
  return [...lock.write({ [LOCKED]: !was }), ...lock.pass(1_500)];
}

/** The first seed whose lock jams, or does not, when it is turned for the first time. */
function seedThat(jams: boolean): number {
  for (let seed = 1; seed < 1_000; seed++) {
    const last = acks(turn(lockWith(seed))).at(-1);
    if ((last?.st === ACK.failed) === jams) return seed;
  }
  throw new Error('no seed does that');
}

const SMOOTH_SEED = seedThat(false);
const JAMMING_SEED = seedThat(true);

describe('a lock', () => {
  it('takes a second and a half', () => {
    const lock = lockWith(SMOOTH_SEED);
    const was = lastState(lock.tellTime(2))?.vals.get(LOCKED);
    expect(acks(lock.write({ [LOCKED]: !was }))).toMatchObject([{ st: ACK.accepted }]);
    expect(acks(lock.pass(1_499)).map(({ st, pct }) => [st, pct])).toEqual([
      [ACK.progress, 33],
      [ACK.progress, 66],
    ]);
    const said = lock.pass(1);
    expect(acks(said)).toMatchObject([{ st: ACK.done }]);
    expect(lastState(said)?.vals.get(LOCKED)).toBe(!was);
  });

  it('jams with some seeds, stays as it was, and says so', () => {
    const lock = lockWith(JAMMING_SEED);
    const was = lastState(lock.tellTime(2))?.vals.get(LOCKED);
    const said = turn(lock);
    expect(acks(said).at(-1)).toMatchObject({ st: ACK.failed, code: CODE.internal, msg: 'bolt jammed' });
    expect(lastState(said)?.vals.get(LOCKED)).toBe(was);
    expect(lastState(said)?.vals.get(JAMMED)).toBe(true);
  });

  it('does not move while it is jammed, until the jam is cleared', () => {
    const lock = lockWith(JAMMING_SEED);
    turn(lock);
    expect(acks(turn(lock))).toMatchObject([{ st: ACK.failed, code: CODE.precondition }]);
    expect(lastState(lock.command({ op: CLEAR_JAM }))?.vals.get(JAMMED)).toBe(false);
    expect(acks(turn(lock))[0]).toMatchObject({ st: ACK.accepted });
  });

  it('is busy while the bolt moves', () => {
    const lock = lockWith(SMOOTH_SEED);
    const was = lastState(lock.tellTime(2))?.vals.get(LOCKED);
    lock.write({ [LOCKED]: !was });
    expect(acks(lock.write({ [LOCKED]: was ?? null }))).toMatchObject([
      { st: ACK.rejected, code: CODE.busy },
    ]);
    expect(acks(lock.pass(1_500)).at(-1)).toMatchObject({ st: ACK.done });
  });

  it('locks itself again after the time that is wanted, and tells of it', () => {
    const lock = lockWith(SMOOTH_SEED);
    lock.desire({ ver: 1, vals: new Map([[AUTO_LOCK, 10]]) });
    if (lastState(lock.tellTime(2))?.vals.get(LOCKED) === true) turn(lock);
    lock.pass(20_000);
    turn(lock);
    lock.pass(9_000);
    const said = lock.pass(3_000);
    expect(acks(said)).toEqual([]);
    expect(lastState(said)?.vals.get(LOCKED)).toBe(true);
  });
});
