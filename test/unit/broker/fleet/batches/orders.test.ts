import { describe as suite, expect, test } from 'vitest';
import { CODE, rqCmd, rqDesired, STATUS, TYPE } from '#firmware-protocol';
import { batchOrder, type BatchOrder } from '#broker/contract/batch.ts';
import { ordersFor } from '#broker/fleet/batches/orders.ts';
import { describe, lamp, view } from '../selection/views.ts';

const order = (fields: object): BatchOrder => batchOrder.parse({ selection: { all: true }, ...fields });
const ids = () => {
  let last = 0;
  return () => new Uint8Array([0, 0, 0, 0, 0, 0, 0, (last += 1)]);
};
const only = (fields: object, device = view('a')) => {
  const [made] = ordersFor(order(fields), [device], ids());
  return made;
};

suite('what a device is asked', () => {
  test('properties by a command, in wire units, that the protocol can carry', () => {
    const made = only({ set: { on: true, warmth: 21.5 }, ttl: 5_000 });
    expect(made).toMatchObject({
      device: 'a',
      request: {
        ttl: 5_000,
        wait: false,
        vals: new Map<number, unknown>([
          [1, true],
          [4, 215],
        ]),
      },
    });
    if (!made || !('request' in made)) throw new Error('it is a command');
    expect(rqCmd.decode(rqCmd.encode(made.request)).vals?.get(4)).toBe(215);
  });

  test('persistent properties by a wish', () => {
    const made = only({ set: { start: 30, mode: 'cool' } });
    if (!made || !('wish' in made)) throw new Error('it is a wish');
    expect(rqDesired.decode(rqDesired.encode(made.wish)).vals).toEqual(
      new Map([
        [3, 30],
        [5, 2],
      ]),
    );
  });

  test('an action with and without arguments', () => {
    expect(only({ run: { action: 'identify' } })).toMatchObject({ request: { op: 30 } });
    expect(only({ run: { action: 'blink', args: [3, '#000001'] } })).toMatchObject({
      request: { op: 31, args: [3, new Uint8Array([0, 0, 1])] },
    });
  });

  test('each device is read by its own description, and has an id of its own', () => {
    const other = describe('dimmer', { props: [{ pid: 77, key: 'on', type: TYPE.bool, flags: 1 }] });
    const made = ordersFor(
      order({ set: { on: true } }),
      [view('a'), view('b', { description: other }), view('c', { description: describe('lamp') })],
      ids(),
    );
    expect(made.map((each) => ('request' in each ? [...(each.request.vals?.keys() ?? [])] : each))).toEqual([
      [1],
      [77],
      expect.objectContaining({ refusal: { code: CODE.notFound, msg: 'the device has no property "on"' } }),
    ]);
    const used = made.map((each) =>
      'request' in each ? each.request.id : 'id' in each ? each.id : undefined,
    );
    expect(new Set(used.map((id) => id?.at(-1))).size).toBe(3);
  });
});

suite('what a device cannot be asked', () => {
  test.each<[object, number, string]>([
    [{ set: { off: true } }, CODE.notFound, 'the device has no property "off"'],
    [{ set: { energy: 1 } }, CODE.invalid, 'energy cannot be written'],
    [{ set: { on: 'yes' } }, CODE.invalid, 'Light takes true or false, not "yes"'],
    [{ set: { warmth: 40 } }, CODE.range, 'warmth takes a number from 5 to 30 in steps of 0.5 (°C), not 40'],
    [
      { set: { warmth: 21.3 } },
      CODE.range,
      'warmth takes a number from 5 to 30 in steps of 0.5 (°C), not 21.3',
    ],
    [
      { set: { on: true, start: 3 } },
      CODE.invalid,
      'start lasts and the others do not: write them one after the other',
    ],
    [{ run: { action: 'sing' } }, CODE.unimplemented, 'the device has no action "sing"'],
    [{ run: { action: 'blink', args: [3] } }, CODE.invalid, 'blink takes 2 arguments, not 1'],
    [{ run: { action: 'identify', args: [3] } }, CODE.invalid, 'identify takes 0 arguments, not 1'],
    [
      { run: { action: 'blink', args: [9, '#000000'] } },
      CODE.range,
      'times takes a number from 1 to 5 in steps of 1, not 9',
    ],
    [
      { run: { action: 'blink', args: [3, 'blue'] } },
      CODE.invalid,
      'colour takes a colour such as "#ff8000", not "blue"',
    ],
  ])('%j', (fields, code, msg) => {
    expect(only(fields)).toMatchObject({ device: 'a', refusal: { code, msg } });
  });

  test('what is wrong is told in no more than a message carries', () => {
    const made = only({ set: { level: 'ü'.repeat(500) } });
    if (!made || !('refusal' in made)) throw new Error('it is refused');
    expect(Buffer.byteLength(made.refusal.msg)).toBeLessThanOrEqual(256);
    expect(made.refusal.msg).toMatch(/^level takes a number .*üü…$/);
  });

  test('more than a message carries', () => {
    const line = (pid: number) => ({ pid, key: `line${pid}`, type: TYPE.text, flags: 1 });
    const board = describe('board', { props: Array.from({ length: 20 }, (_, pid) => line(pid)) });
    const set = Object.fromEntries(board.value.props.map(({ key }) => [key, 'x'.repeat(256)]));
    expect(only({ set }, view('a', { description: board }))).toMatchObject({ refusal: { code: CODE.range } });
  });

  test('one that has not described itself', () => {
    expect(only({ set: { on: true } }, view('a', { description: undefined }))).toMatchObject({
      refusal: { code: CODE.unavailable, msg: 'the device has not described itself yet' },
    });
  });

  test('a wish for one that is away is refused unless it may wait; a command is left to its turn', () => {
    const away = view('a', { linked: false, st: STATUS.lost });
    expect(only({ set: { start: 30 } }, away)).toMatchObject({ refusal: { code: CODE.unavailable } });
    expect(only({ set: { start: 30 }, wait: true }, away)).toMatchObject({ wish: {} });
    expect(only({ set: { on: true } }, away)).toMatchObject({ request: { wait: false } });
  });
});

test('ten thousand devices of one description are read once', () => {
  const devices = Array.from({ length: 10_000 }, (_, at) => view(`d${at}`, { description: lamp }));
  const made = ordersFor(order({ set: { on: true } }), devices, ids());
  const vals = new Set(made.map((each) => ('request' in each ? each.request.vals : undefined)));
  expect(vals.size).toBe(1);
});
