import { describe, expect, test } from 'vitest';
import { CODE, COMMAND } from '#firmware-protocol';
import { createCommand, type Command } from '#broker/fleet/commands/command.ts';
import { fromRecord, toRecord } from '#broker/fleet/commands/command-record.ts';
import { told } from '#broker/fleet/commands/command-told.ts';
import {
  createWish,
  delivered,
  placed,
  refusedWish,
  settled,
  type Wish,
} from '#broker/fleet/commands/wish.ts';
import { asker, id8, plain, requestOn, sentCommand, START, values } from '../builders.ts';

const batch = '00000000000000b1';
const held = createCommand({ ...asker(), batch }, requestOn(), START, false);
const wish: Wish = placed(createWish(asker(), { id: id8(1), vals: values({ 3: 10 }) }, START), 4, START);

describe('consoles are told', () => {
  const tell = (asked: Command | Wish) => {
    const delta = told(asked);
    return JSON.parse(JSON.stringify({ ...delta, id: [...delta.id], bid: delta.bid && [...delta.bid] }));
  };
  const base = {
    did: 'lamp',
    id: [...id8(1)],
    who: '@ada',
    st: COMMAND.sent,
    t: START,
    since: START,
    exp: START + 10_000,
  };

  test('what was asked for, and since when', () => {
    expect(tell(sentCommand({ createdAt: START - 5 }))).toMatchObject({ ...base, since: START - 5 });
    expect(told(sentCommand()).want).toEqual(values({ 1: true }));
  });

  test('an action and its arguments', () => {
    const request = { id: id8(1), op: 9, args: [1, 'two', null], ttl: 10_000 };
    expect(tell(sentCommand({ request }))).toEqual({ ...base, op: 9, args: [1, 'two', null] });
  });

  test('how it went', () => {
    const how = { st: COMMAND.failed, code: CODE.ok, msg: '', pct: 0, ver: 0 };
    expect(told(sentCommand({ ...how, reported: values({ 1: false }) }))).toMatchObject({
      ...how,
      want: values({ 1: true }),
      vals: values({ 1: false }),
    });
  });

  test('the batch that it belongs to', () => {
    expect(tell(sentCommand({ batch })).bid).toEqual([0, 0, 0, 0, 0, 0, 0, 0xb1]);
  });

  test('no end where its turn in a batch has not come', () => {
    expect(told(held).exp).toBeUndefined();
  });

  test('of a wish the version of its document, and no end', () => {
    const waited = { ...wish, batch, exp: START + 10_000 };
    expect(told(waited)).toMatchObject({ wver: 4, want: values({ 3: 10 }), st: COMMAND.created });
    expect(told(waited)).not.toHaveProperty('exp');
  });
});

describe('comes back from its record', () => {
  test.each<[string, Partial<Command>]>([
    ['before it was sent', { st: COMMAND.created }],
    ['sent', {}],
    ['sent to boot 0, at time 0', { boot: 0, sentAt: 0 }],
    ['refused', { st: COMMAND.rejected, code: CODE.ok, msg: '' }],
    ['in progress', { st: COMMAND.progress, pct: 0 }],
    ['answered', { st: COMMAND.done, reported: values({ 1: true, 2: null }), ver: 0 }],
    ['an action', { request: { id: id8(1), op: 0, args: [1, 'two', false, null], if: 5, ttl: 1 } }],
    ['conditional', { request: requestOn(1, { if: 0 }) }],
    ['one that may wait', { request: requestOn(1, { wait: true, ttl: 604_800_000 }) }],
    ['of a batch', { batch }],
    [
      'with every step, its cause and its time',
      {
        steps: [
          { st: COMMAND.created, t: START },
          { st: COMMAND.sent, t: START + 1 },
          { st: COMMAND.timedOut, t: START + 2, code: CODE.expired, msg: 'no answer' },
          { st: COMMAND.done, t: START + 3, msg: '' },
          { st: COMMAND.done, t: START + 4, code: 0 },
        ],
      },
    ],
  ])('a command: %s', (_name, fields) => {
    const command = sentCommand(fields);
    const back = fromRecord(toRecord(command)) as Command;
    expect({ ...back, request: { ...back.request, id: plain(back.request.id) } }).toEqual(command);
  });

  test('a command of a batch before its turn, without an end', () => {
    const back = fromRecord(toRecord(held));
    for (const unknown of ['exp', 'boot', 'sentAt']) expect(back).not.toHaveProperty(unknown);
  });

  test.each<[string, Wish]>([
    ['created', wish],
    [
      'before a document holds it',
      createWish(asker(), { id: id8(1), vals: values({ 3: 10 }), if: 0 }, START),
    ],
    ['sent', delivered(wish, START + 1)],
    ['failed', settled(wish, { dver: 4, errs: new Map([[3, CODE.range]]) }, START + 1)],
    ['with an end', { ...wish, batch, exp: START + 10_000 }],
    [
      'of what the device does not know',
      refusedWish(
        createWish({ ...asker(), batch }, { id: id8(1), vals: new Map() }, START),
        { code: CODE.notFound, msg: 'there is no such property' },
        START,
      ),
    ],
  ])('a wish: %s', (_name, asked) => {
    const back = fromRecord(toRecord(asked)) as Wish;
    expect({ ...back, request: { ...back.request, id: plain(back.request.id) } }).toEqual(asked);
  });
});
