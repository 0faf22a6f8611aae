import { describe, expect, test } from 'vitest';
import { ACK, CODE, COMMAND, isOver } from '#firmware-protocol';
import {
  createCommand,
  refuse,
  RESEND_AFTER,
  SILENT_AFTER,
  step,
  type Command,
  type CommandInput,
} from '#broker/fleet/commands/command.ts';
import { fromRecord, toRecord } from '#broker/fleet/commands/command-record.ts';
import { ackOf, requestOn, sentCommand, START, values } from '../builders.ts';

const EXP = START + 10_000;
const created = createCommand('lamp', requestOn(), '@ada', START);
const at = (st: number, fields: Partial<Command> = {}): Command => sentCommand({ st, ...fields });

const ready = (boot = 7): CommandInput => ({ type: 'ready', boot });
const time = (boot: number | undefined = 7): CommandInput => ({ type: 'time', boot });
const absent: CommandInput = { type: 'time', boot: undefined };
const acked = (st: number, fields = {}): CommandInput => ({ type: 'ack', ack: ackOf(1, st, fields) });

const { sent, accepted, progress, done, failed, rejected, expired, timedOut, unknown } = COMMAND;

test('a request becomes a command that expires after its life', () => {
  expect(created).toEqual({
    device: 'lamp',
    id: '0000000000000001',
    who: '@ada',
    request: requestOn(),
    st: COMMAND.created,
    t: START,
    createdAt: START,
    exp: EXP,
  });
});

test('a refusal ends it with its reason', () => {
  expect(refuse(created, CODE.denied, 'no')).toEqual({
    ...created,
    st: rejected,
    code: CODE.denied,
    msg: 'no',
  });
});

describe('created', () => {
  test('is sent when the device is there, with its boot noted', () => {
    const now = START + 5;
    expect(step(created, ready(), now)).toEqual({
      command: { ...created, st: sent, boot: 7, sentAt: now, t: now },
      send: true,
    });
  });

  test.each([
    ['the device comes', ready()],
    ['time passes', time()],
    ['time passes without the device', absent],
  ])('expires where %s too late', (_name, input) => {
    expect(step(created, input, EXP)).toMatchObject({
      send: false,
      command: { st: expired, code: CODE.expired, t: EXP },
    });
  });

  test.each([time(), absent])('waits until it expires (%j)', (input) => {
    expect(step(created, input, EXP - 1)).toEqual({ command: created, send: false });
  });

  test('is sent in its last millisecond', () => {
    expect(step(created, ready(), EXP - 1)).toMatchObject({ command: { st: sent }, send: true });
  });
});

describe('sent', () => {
  test.each([
    ['at once', 0, false],
    ['right before', RESEND_AFTER - 1, false],
    ['when the device was silent for long enough', RESEND_AFTER, true],
  ])('is sent again to the same boot: %s', (_name, after, again) => {
    const now = START + after;
    const command = again ? at(sent, { sentAt: now }) : at(sent);
    expect(step(at(sent), time(), now)).toEqual({ command, send: again });
  });

  test('is sent again each time the device was silent for long enough', () => {
    let command = at(sent);
    const sentAt: number[] = [];
    for (let now = START; now < EXP; now += 250) {
      const next = step(command, time(), now);
      if (next.send) sentAt.push(now - START);
      command = next.command;
    }
    expect(sentAt).toEqual([3_000, 6_000, 9_000]);
  });

  test('is not sent again while the device is away or after it restarted', () => {
    for (const input of [absent, time(8)]) {
      expect(step(at(sent), input, START + RESEND_AFTER)).toEqual({ command: at(sent), send: false });
    }
  });

  test('is counted from when it was last known to be sent, if the hub restarted meanwhile', () => {
    const restored = fromRecord(toRecord(at(sent)));
    expect(step(restored, time(), START + RESEND_AFTER - 1).send).toBe(false);
    expect(step(restored, time(), START + RESEND_AFTER).send).toBe(true);
  });

  test.each([time(), absent, time(8)])('times out without an answer (%j)', (input) => {
    expect(step(at(sent), input, EXP - 1)).toMatchObject({ command: { st: sent } });
    expect(step(at(sent), input, EXP)).toMatchObject({
      send: false,
      command: { st: timedOut, code: CODE.expired, t: EXP },
    });
  });
});

describe('sent, accepted or in progress', () => {
  test.each([sent, accepted, progress])('%i: its outcome is unknown when the device restarted', (st) => {
    expect(step(at(st), ready(8), START + 5)).toMatchObject({
      send: false,
      command: { st: unknown, code: CODE.unknown, t: START + 5, msg: expect.stringContaining('restarted') },
    });
  });

  test.each([sent, accepted, progress])('%i: it is asked for again when the same boot comes back', (st) => {
    const now = START + 5;
    expect(step(at(st), ready(), now)).toEqual({ command: at(st, { sentAt: now }), send: true });
  });

  test.each([sent, accepted, progress])('%i: it is not asked for again once it expired', (st) => {
    expect(step(at(st), ready(), EXP)).toEqual({ command: at(st), send: false });
  });

  test.each([
    [sent, ACK.accepted, accepted],
    [sent, ACK.progress, progress],
    [sent, ACK.done, done],
    [sent, ACK.failed, failed],
    [sent, ACK.rejected, rejected],
    [accepted, ACK.accepted, accepted],
    [accepted, ACK.progress, progress],
    [accepted, ACK.done, done],
    [accepted, ACK.failed, failed],
    [progress, ACK.progress, progress],
    [progress, ACK.accepted, progress],
    [progress, ACK.done, done],
    [progress, ACK.failed, failed],
  ])('%i: acknowledged with %i it is %i', (from, word, to) => {
    const now = START + 5;
    expect(step(at(from), acked(word), now)).toEqual({ command: at(to, { t: now }), send: false });
  });

  test('keeps what the device said of it', () => {
    const said = { code: CODE.internal, msg: 'jammed', pct: 40, vals: values({ 1: false }), ver: 43 };
    const { vals, ...rest } = said;
    const { command } = step(at(accepted), acked(ACK.failed, said), START + 5);
    expect(command).toEqual(at(failed, { t: START + 5, reported: vals, ...rest }));
  });

  test('an answer without details keeps those before', () => {
    const before = at(progress, { pct: 40, ver: 43 });
    expect(step(before, acked(ACK.done), START).command).toMatchObject({ st: done, pct: 40, ver: 43 });
  });
});

describe('accepted or in progress', () => {
  test.each([accepted, progress])('%i: does not time out, but its outcome is unknown after silence', (st) => {
    for (const input of [time(), absent]) {
      expect(step(at(st), input, START + SILENT_AFTER - 1)).toEqual({ command: at(st), send: false });
      expect(step(at(st), input, START + SILENT_AFTER)).toMatchObject({
        send: false,
        command: { st: unknown, code: CODE.unknown, msg: expect.stringContaining('silent') },
      });
    }
  });

  test('each word counts as no silence', () => {
    const now = START + SILENT_AFTER - 1;
    const { command } = step(at(accepted), acked(ACK.progress, { pct: 50 }), now);
    expect(step(command, time(), START + SILENT_AFTER).command.st).toBe(progress);
  });
});

describe('over', () => {
  const inputs = [ready(), ready(8), time(), absent, acked(ACK.done), acked(ACK.failed)];
  test.each(Object.values(COMMAND).filter(isOver))('%i: nothing changes any more', (st) => {
    for (const input of inputs) {
      const command = at(st);
      const next = step(command, input, START + 100_000);
      expect(next.command).toBe(command);
      expect(next.send).toBe(false);
    }
  });

  test('is what done, failed, rejected, expired, timed out and unknown are', () => {
    const over = [done, failed, rejected, expired, timedOut, unknown];
    expect(Object.values(COMMAND).filter(isOver)).toEqual(over);
  });
});
