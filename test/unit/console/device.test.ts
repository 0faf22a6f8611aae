import { describe, expect, it } from 'vitest';
import { STATUS } from '#firmware-protocol';
import { mergeDelta } from '#console/fleet/device.ts';
import { obstacle } from '#console/fleet/access.ts';
import { isReachable, presenceOf } from '#console/fleet/presence.ts';
import { NOON } from './samples.ts';

describe('a device of the feed', () => {
  it('keeps what a change does not mention', () => {
    const first = mergeDelta(
      undefined,
      { did: 'a', name: 'A', place: 'Hall', st: STATUS.online, vals: new Map([[1, true]]), wver: 3 },
      NOON,
    );
    const next = mergeDelta(first, { did: 'a', st: STATUS.lost, since: NOON + 5 }, NOON + 5);
    expect(next).toEqual({ ...first, st: STATUS.lost, since: NOON + 5 });
  });

  it('merges values by property, and replaces the desired document whole', () => {
    const first = mergeDelta(
      undefined,
      {
        did: 'a',
        vals: new Map<number, boolean | number>([
          [1, true],
          [2, 40],
        ]),
        want: new Map([[3, 1]]),
      },
      NOON,
    );
    const next = mergeDelta(first, { did: 'a', vals: new Map([[2, 41]]), want: new Map([[4, 2]]) }, NOON);
    expect([...next.vals]).toEqual([
      [1, true],
      [2, 41],
    ]);
    expect([...next.want]).toEqual([[4, 2]]);
  });

  it('is called by its id until it has a name', () => {
    expect(mergeDelta(undefined, { did: 'a', name: '' }, NOON).name).toBe('a');
  });

  it('is called by its id again once its name is cleared, and only then', () => {
    const named = mergeDelta(undefined, { did: 'a', name: 'Ada' }, NOON);
    expect(mergeDelta(named, { did: 'a', place: 'Hall' }, NOON).name).toBe('Ada');
    expect(mergeDelta(named, { did: 'a', name: '' }, NOON).name).toBe('a');
  });

  it('dates values by when they were taken, or else by the message', () => {
    const vals = new Map([[1, 1]]);
    expect(mergeDelta(undefined, { did: 'a', vals, t: NOON - 9 }, NOON).reportedAt).toBe(NOON - 9);
    expect(mergeDelta(undefined, { did: 'a', vals }, NOON).reportedAt).toBe(NOON);
  });
});

describe('presence', () => {
  it.each([
    [{ st: STATUS.online, seen: NOON }, 'online'],
    [{ st: STATUS.sleeping, seen: NOON }, 'sleeping'],
    [{ st: STATUS.updating, seen: NOON }, 'updating'],
    [{ st: STATUS.lost, seen: NOON }, 'offline'],
    [{ st: STATUS.bye, seen: NOON }, 'offline'],
    [{ st: STATUS.lost }, 'never'],
    [{}, 'never'],
  ] as const)('of %o is %s', (standing, presence) => {
    expect(presenceOf(standing)).toBe(presence);
  });

  it('decides whether commands are taken', () => {
    expect(['online', 'sleeping', 'updating'].every((p) => isReachable(p as 'online'))).toBe(true);
    expect((['offline', 'awaited', 'never'] as const).some(isReachable)).toBe(false);
  });
});

describe('what stands between an operator and a device', () => {
  it.each([
    ['operator', true, 'online', undefined],
    ['admin', true, 'sleeping', undefined],
    ['operator', true, 'offline', undefined],
    ['operator', true, 'awaited', undefined],
    ['operator', true, 'never', 'never'],
    ['operator', false, 'offline', 'link'],
    ['viewer', false, 'offline', 'viewer'],
  ] as const)('%s, linked %s, %s: %s', (role, linked, presence, expected) => {
    expect(obstacle(role, linked, presence)).toBe(expected);
  });
});
