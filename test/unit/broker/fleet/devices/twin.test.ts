import { describe, expect, test } from 'vitest';
import { STATUS, type Values } from '#firmware-protocol';
import {
  acknowledged,
  connected,
  described,
  disconnected,
  newTwin,
  desiring,
  stateReported,
  statusReported,
  telemetryReported,
  wanted,
  whole,
  type Twin,
} from '#broker/fleet/devices/twin.ts';
import { ackOf, lamp, START, values } from '../builders.ts';

const fresh = newTwin({ id: 'lamp', name: 'Lamp', place: 'hall', tags: ['light'] });
const LATER = START + 60_000;
const linked = connected(fresh, START).twin;
const online = (twin: Twin = linked, st: number = STATUS.online, now = START) =>
  statusReported(twin, { boot: 7, sess: 3, st }, now)?.twin as Twin;

test('a device that was just registered is lost, without values', () => {
  expect(whole(fresh)).toEqual({
    did: 'lamp',
    name: 'Lamp',
    place: 'hall',
    tags: ['light'],
    st: STATUS.lost,
    vals: values({}),
    wver: 0,
  });
});

describe('presence', () => {
  test('a link makes it online, and its boot is not known yet', () => {
    expect(connected(fresh, START)).toEqual({
      twin: { ...fresh, linked: true, ready: false, st: STATUS.online, since: START, seenAt: START },
      delta: { did: 'lamp', st: STATUS.online, since: START, seen: START },
    });
  });

  test('a link that replaces another leaves since when it is online', () => {
    expect(connected(linked, LATER).delta).toEqual({
      did: 'lamp',
      st: STATUS.online,
      since: START,
      seen: LATER,
    });
  });

  test.each([
    ['lost', STATUS.online, STATUS.lost],
    ['lost while it updated', STATUS.updating, STATUS.lost],
    ['asleep when it said so', STATUS.sleeping, STATUS.sleeping],
    ['gone when it said so', STATUS.bye, STATUS.bye],
  ])('a device without a link is %s', (_name, before, after) => {
    const { twin, delta } = disconnected(online(linked, before), LATER);
    expect(twin).toMatchObject({ linked: false, ready: false, st: after, since: LATER, seenAt: START });
    expect(delta).toEqual({ did: 'lamp', st: after, since: LATER });
  });

  test('a status makes it ready, with its boot and session', () => {
    expect(online()).toMatchObject({ ready: true, boot: 7, sess: 3, st: STATUS.online });
  });

  test('a word of presence from a device without a link does not count, one of leaving does', () => {
    expect(statusReported(fresh, { boot: 7, sess: 3, st: STATUS.online }, LATER)).toBeUndefined();
    expect(statusReported(fresh, { boot: 7, sess: 3, st: STATUS.updating }, LATER)).toBeUndefined();
    expect(statusReported(fresh, { boot: 7, sess: 3, st: STATUS.bye }, LATER)?.twin.st).toBe(STATUS.bye);
  });

  test('a new link has to tell its status anew', () => {
    expect(connected(online(), LATER).twin.ready).toBe(false);
  });

  test('the same status keeps since when, another does not', () => {
    const same = statusReported(online(), { boot: 7, sess: 3, st: STATUS.online }, LATER);
    expect(same?.delta).toEqual({ did: 'lamp', st: STATUS.online, since: START, seen: LATER });
    const other = statusReported(online(), { boot: 7, sess: 3, st: STATUS.updating }, LATER);
    expect(other?.delta).toEqual({ did: 'lamp', st: STATUS.updating, since: LATER, seen: LATER });
  });

  test.each([linked, fresh])('a will counts for nothing: links tell who is lost', (twin) => {
    expect(statusReported(twin, { boot: 7, sess: 3, st: STATUS.lost }, LATER)).toBeUndefined();
  });

  test('the hash that a status names is kept', () => {
    const dhash = lamp().hash;
    const change = statusReported(linked, { boot: 7, sess: 3, st: STATUS.online, dhash }, START);
    expect(change?.twin.announced).toBe(dhash);
  });
});

describe('values', () => {
  const lit = stateReported(
    online(),
    { boot: 7, seq: 1, t: 0, vals: values({ 1: true, 2: 50 }), ver: 42 },
    START,
    START,
  );

  test('of a state are kept with its version, and told', () => {
    expect(lit.twin).toMatchObject({ vals: values({ 1: true, 2: 50 }), ver: 42, t: START });
    expect(lit.delta).toEqual({
      did: 'lamp',
      vals: values({ 1: true, 2: 50 }),
      t: START,
      seen: START,
      ver: 42,
    });
  });

  test('of telemetry are kept beside them, and only they are told', () => {
    const { twin, delta } = telemetryReported(lit.twin, values({ 4: 7.5 }), LATER - 5, LATER);
    expect(twin.vals).toEqual(values({ 1: true, 2: 50, 4: 7.5 }));
    expect(twin).toMatchObject({ ver: 42, t: LATER - 5, seenAt: LATER });
    expect(delta).toEqual({ did: 'lamp', vals: values({ 4: 7.5 }), t: LATER - 5, seen: LATER });
  });

  test('that came with an acknowledgement count as state', () => {
    const word = ackOf(1, 3, { vals: values({ 1: false }), ver: 43 });
    const { twin, delta } = acknowledged(lit.twin, word, LATER);
    expect(twin).toMatchObject({ vals: values({ 1: false, 2: 50 }), ver: 43, seenAt: LATER });
    expect(delta).toEqual({ did: 'lamp', vals: values({ 1: false }), ver: 43, seen: LATER });
  });

  test('an acknowledgement without any is a sign of life', () => {
    const { twin, delta } = acknowledged(lit.twin, ackOf(1, 1), LATER);
    expect(twin).toEqual({ ...lit.twin, seenAt: LATER });
    expect(delta).toEqual({ did: 'lamp', seen: LATER });
  });

  test('that a new description does not have are forgotten', () => {
    const before = telemetryReported(lit.twin, values({ 99: 1 }), START, START).twin;
    const { twin, delta } = described(before, lamp(), LATER);
    expect(twin.vals).toEqual(values({ 1: true, 2: 50 }));
    expect(delta).toEqual({ did: 'lamp', dhash: lamp().hash, seen: LATER });
  });
});

describe('what is wanted', () => {
  /** The twin once somebody's wish is stored. */
  const wish = (twin: Twin, vals: Values): Twin => desiring(twin, wanted(twin, vals, '@ada')).twin;

  test('takes over what was changed at the device since it applied what was wanted', () => {
    const first = wish(online(), values({ 3: 10, 5: 20, 6: 30 }));
    const errs = new Map([[6, 11]]);
    const state = { boot: 7, seq: 1, t: 0, ver: 1, vals: values({ 3: 15, 5: 20, 6: 0 }) };
    const behind = stateReported(first, state, START, START).twin;
    expect(wish(behind, values({ 5: 21 })).want).toEqual(values({ 3: 10, 5: 21, 6: 30 }));
    const applied = stateReported(first, { ...state, dver: 1, errs }, START, START).twin;
    expect(wish(applied, values({ 5: 21 })).want).toEqual(values({ 3: 15, 5: 21, 6: 30 }));
    expect(wish(applied, values({ 3: 10 })).want).toEqual(values({ 3: 10, 5: 20, 6: 30 }));
  });

  test('is numbered above what a device has applied of an earlier hub', () => {
    const state = { boot: 7, seq: 1, t: 0, vals: values({}), ver: 1, dver: 41 };
    const reported = stateReported(online(), state, START, START).twin;
    const first = wish(reported, values({ 3: 10 }));
    expect(first.wver).toBe(42);
    expect(wish(first, values({ 3: 20 })).wver).toBe(43);
  });

  test('grows by what is asked for, and its version by one', () => {
    const first = wanted(online(), values({ 3: 10, 5: true }), '@ada');
    expect(first).toEqual({ want: values({ 3: 10, 5: true }), wver: 1, who: '@ada' });
    const second = wanted(wish(online(), values({ 3: 10, 5: true })), values({ 3: 20 }), '@bob');
    expect(second).toEqual({ want: values({ 3: 20, 5: true }), wver: 2, who: '@bob' });
  });

  test('counts, and is told, once its document is stored', () => {
    const document = wanted(online(), values({ 3: 10 }), '@ada');
    const { twin, delta } = desiring(online(), document);
    expect(twin).toEqual({ ...online(), ...document });
    expect(delta).toEqual({ did: 'lamp', ...document });
  });

  const state = { boot: 7, seq: 1, t: 0, vals: values({}), ver: 1 };
  test.each([
    ['no word of it', {}, {}],
    ['applied', { dver: 5 }, { dver: 5, errs: new Map() }],
    ['applied in part', { dver: 5, errs: new Map([[3, 11]]) }, { dver: 5, errs: new Map([[3, 11]]) }],
  ])('and how far the device has come: %s', (_name, said, told) => {
    const { twin, delta } = stateReported(online(), { ...state, ...said }, START, START);
    expect(delta).toEqual({ did: 'lamp', vals: values({}), t: START, seen: START, ver: 1, ...told });
    expect(twin).toMatchObject(told);
  });

  test('errors are over when a later version is applied without any', () => {
    const wrong = stateReported(online(), { ...state, dver: 5, errs: new Map([[3, 11]]) }, START, START);
    expect(stateReported(wrong.twin, { ...state, dver: 6 }, START, START).twin.errs).toEqual(new Map());
  });
});

test('nothing is changed in place', () => {
  const before = structuredClone(linked);
  online();
  telemetryReported(linked, values({ 1: true }), START, START);
  wanted(linked, values({ 3: 1 }), '@ada');
  disconnected(linked, LATER);
  expect(linked).toEqual(before);
});
