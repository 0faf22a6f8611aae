import { describe, expect, it } from 'vitest';
import { ACK, CODE } from '#firmware-protocol';
import { acks, Bench, commandId, lastState, type Said } from './bench-device.ts';

const POSITION = 1;
const MOVEMENT = 2;
const STOP = 1;

/** A closed blind that is only woken for its own sake. */
function closedBlind(): Bench {
  const bench = Bench.online('blind', { intervalMs: 3_600_000 });
  bench.write({ [POSITION]: 0 });
  bench.pass(30_000);
  return bench;
}

const positions = (said: readonly Said[]): unknown[] =>
  said.flatMap((message) => (message.channel === 'state' ? [message.vals.get(POSITION)] : []));

describe('a blind', () => {
  it('accepts, moves at five percent a second telling how far it is, and is done on arrival', () => {
    const blind = closedBlind();
    const begun = blind.write({ [POSITION]: 20 });
    expect(acks(begun)).toMatchObject([{ st: ACK.accepted }]);
    expect(lastState(begun)?.vals.get(MOVEMENT)).toBe(1);

    const said = blind.pass(4_000);
    expect(acks(said).map(({ st, pct }) => [st, pct])).toEqual([
      [ACK.progress, 25],
      [ACK.progress, 50],
      [ACK.progress, 75],
      [ACK.done, undefined],
    ]);
    expect(positions(said)).toEqual([5, 10, 15, 20]);
    expect(lastState(said)?.vals.get(MOVEMENT)).toBe(0);
    expect(acks(said).at(-1)?.ver).toBe(lastState(said)?.ver);
    expect(acks(blind.pass(60_000))).toEqual([]);
  });

  it('answers a repeated command with how far it is', () => {
    const blind = closedBlind();
    const id = commandId();
    blind.write({ [POSITION]: 20 }, { id });
    blind.pass(2_000);
    expect(acks(blind.write({ [POSITION]: 20 }, { id }))).toMatchObject([{ st: ACK.progress, pct: 50 }]);
    blind.pass(2_000);
    expect(acks(blind.write({ [POSITION]: 20 }, { id }))).toMatchObject([{ st: ACK.done }]);
  });

  it('stops where it is: the command that moved it is aborted', () => {
    const blind = closedBlind();
    const id = commandId();
    blind.write({ [POSITION]: 100 }, { id });
    blind.pass(3_000);
    const said = blind.command({ op: STOP });
    expect(acks(said)).toMatchObject([
      { st: ACK.failed, code: CODE.aborted, msg: 'stopped at 15 %', id },
      { st: ACK.done },
    ]);
    expect(lastState(said)?.vals).toEqual(
      new Map([
        [POSITION, 15],
        [MOVEMENT, 0],
      ]),
    );
    expect(positions(blind.pass(10_000))).toEqual([]);
  });

  it('goes elsewhere when it is told to on its way', () => {
    const blind = closedBlind();
    blind.write({ [POSITION]: 100 });
    blind.pass(2_000);
    const turned = blind.write({ [POSITION]: 0 });
    expect(acks(turned)).toMatchObject([{ st: ACK.failed, code: CODE.aborted }, { st: ACK.accepted }]);
    expect(lastState(turned)?.vals.get(MOVEMENT)).toBe(2);
    expect(acks(blind.pass(2_000)).at(-1)).toMatchObject({ st: ACK.done });
  });

  it('is done at once where it already is', () => {
    expect(acks(closedBlind().write({ [POSITION]: 0 }))).toMatchObject([{ st: ACK.done }]);
  });
});
