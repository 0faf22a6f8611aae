import { describe, expect, test } from 'vitest';
import { ACK, CODE, COMMAND, isOver, LIMITS } from '#firmware-protocol';
import {
  createCommand,
  RESEND_AFTER,
  shifted,
  SILENT_AFTER,
  step,
  type Command,
  type CommandInput,
} from '#broker/fleet/commands/command.ts';
import { fromRecord, toRecord } from '#broker/fleet/commands/command-record.ts';
import { ackOf, asker, requestOn, sentCommand, START, values } from '../builders.ts';

const EXP = START + 10_000;
const created = createCommand(asker(), requestOn(), START);
const waiting = createCommand(asker(), requestOn(1, { ttl: LIMITS.commandWaitMs, wait: true }), START);
const held = createCommand({ ...asker(), batch: 'b1' }, requestOn(), START, false);
const at = (st: number, fields: Partial<Command> = {}): Command => sentCommand({ st, ...fields });

const ready = (boot = 7): CommandInput => ({ type: 'ready', boot });
const time = (boot: number | undefined = 7): CommandInput => ({ type: 'time', boot });
const absent: CommandInput = { type: 'time', boot: undefined };
const acked = (st: number, fields = {}): CommandInput => ({ type: 'ack', ack: ackOf(1, st, fields) });
const cancel: CommandInput = { type: 'cancel', msg: 'withdrawn by @bob' };
const refuse: CommandInput = { type: 'refuse', refusal: { code: CODE.denied, msg: 'no' } };
const release: CommandInput = { type: 'release' };

const { sent, accepted, progress, done, failed, rejected, expired, timedOut, unknown, cancelled } = COMMAND;
const OVER = Object.values(COMMAND).filter(isOver);
const UNHEARD: readonly number[] = [timedOut, unknown];
const HEARD = OVER.filter((st) => !UNHEARD.includes(st));

/** The steps that a command has come through, each as its state. */
const states = ({ steps }: Command) => steps.map(({ st }) => st);

test('a request becomes a command that expires after its life', () => {
  expect(created).toEqual({
    kind: 'command',
    device: 'lamp',
    id: '0000000000000001',
    who: '@ada',
    request: requestOn(),
    st: COMMAND.created,
    t: START,
    createdAt: START,
    exp: EXP,
    steps: [{ st: COMMAND.created, t: START }],
  });
});

describe('created', () => {
  test('is sent when the device is there, with its boot noted', () => {
    const now = START + 5;
    expect(step(created, ready(), now)).toEqual({
      command: {
        ...created,
        st: sent,
        boot: 7,
        sentAt: now,
        t: now,
        steps: [...created.steps, { st: sent, t: now }],
      },
      send: true,
    });
  });

  test('may live for a minute from when it is first sent, and no longer than it was to live', () => {
    const later = START + 3_600_000;
    expect(step(waiting, ready(), later).command.exp).toBe(later + 60_000);
    expect(step(created, ready(), START + 4_000).command.exp).toBe(EXP);
    const ending = waiting.exp ?? 0;
    expect(step(waiting, ready(), ending - 5_000).command.exp).toBe(ending);
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
    expect(step(waiting, input, START + LIMITS.commandWaitMs).command.st).toBe(expired);
  });

  test.each([time(), absent])('waits until it expires (%j)', (input) => {
    expect(step(created, input, EXP - 1)).toEqual({ command: created, send: false });
    expect(step(waiting, input, START + LIMITS.commandWaitMs - 1).command).toBe(waiting);
  });

  test('is sent in its last millisecond', () => {
    expect(step(created, ready(), EXP - 1)).toMatchObject({ command: { st: sent }, send: true });
  });

  test('is cancelled with whoever withdrew it', () => {
    const { command, send } = step(created, cancel, START + 5);
    expect(send).toBe(false);
    expect(command).toMatchObject({
      st: cancelled,
      t: START + 5,
      code: CODE.aborted,
      msg: 'withdrawn by @bob',
    });
    expect(states(command)).toEqual([COMMAND.created, cancelled]);
  });

  test('is refused with a reason', () => {
    const { command } = step(created, refuse, START);
    expect(command).toMatchObject({ st: rejected, code: CODE.denied, msg: 'no', t: START });
    expect(command.steps.at(-1)).toEqual({ st: rejected, t: START, code: CODE.denied, msg: 'no' });
  });

  test('hears no answer: it was sent to no boot', () => {
    for (const word of Object.values(ACK)) {
      expect(step(created, acked(word), START + 5).command).toBe(created);
    }
  });
});

describe('created in a batch, before its turn', () => {
  test('has no end, however long it takes', () => {
    expect(held).not.toHaveProperty('exp');
    expect(held.batch).toBe('b1');
    expect(step(held, absent, START + 10 * LIMITS.commandWaitMs).command).toBe(held);
  });

  test('begins its time when its turn comes, which is no step', () => {
    const turn = START + 3_600_000;
    const { command, send } = step(held, release, turn);
    expect(send).toBe(false);
    expect(command).toEqual({ ...held, exp: turn + 10_000 });
    expect(step(command, absent, turn + 10_000).command.st).toBe(expired);
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

  test('is sent again each time the device was silent for long enough, which is no step', () => {
    let command = at(sent);
    const sentAt: number[] = [];
    for (let now = START; now < EXP; now += 250) {
      const next = step(command, time(), now);
      if (next.send) sentAt.push(now - START);
      command = next.command;
    }
    expect(sentAt).toEqual([3_000, 6_000, 9_000]);
    expect(command.steps).toEqual(at(sent).steps);
  });

  test('is not sent again while the device is away or after it restarted', () => {
    for (const input of [absent, time(8)]) {
      expect(step(at(sent), input, START + RESEND_AFTER)).toEqual({ command: at(sent), send: false });
    }
  });

  test('is counted from when it was first sent, if the hub restarted meanwhile', () => {
    const restored = fromRecord(toRecord(at(sent))) as Command;
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

  test.each([sent, accepted, progress])('%i: cannot be withdrawn any more', (st) => {
    expect(step(at(st), cancel, START + 5).command).toEqual(at(st));
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
    [accepted, ACK.progress, progress],
    [accepted, ACK.done, done],
    [accepted, ACK.failed, failed],
    [accepted, ACK.rejected, rejected],
    [progress, ACK.done, done],
    [progress, ACK.failed, failed],
    [progress, ACK.rejected, rejected],
  ])('%i: acknowledged with %i it is %i, one step later', (from, word, to) => {
    const now = START + 5;
    const { command, send } = step(at(from), acked(word), now);
    expect(send).toBe(false);
    expect(command).toMatchObject({ st: to, t: now, heardAt: now });
    expect(states(command)).toEqual([...states(at(from)), to]);
  });

  test.each([
    [accepted, ACK.accepted],
    [progress, ACK.accepted],
  ])('%i: a repeated %i is no step, and says only that the device is there', (from, word) => {
    const now = START + SILENT_AFTER - 1;
    const { command } = step(at(from), acked(word), now);
    expect(command).toEqual(at(from, { heardAt: now }));
    expect(step(command, time(), now + SILENT_AFTER - 1).command.st).toBe(from);
    expect(step(command, time(), now + SILENT_AFTER).command.st).toBe(unknown);
  });

  test('of steps of progress the last one is kept', () => {
    const first = step(at(accepted), acked(ACK.progress, { pct: 10 }), START + 5).command;
    const second = step(first, acked(ACK.progress, { pct: 90 }), START + 6).command;
    expect(second).toMatchObject({ st: progress, pct: 90, t: START + 6 });
    expect(states(second)).toEqual([COMMAND.created, accepted, progress]);
    expect(second.steps.at(-1)?.t).toBe(START + 6);
  });

  test.each([sent, accepted, progress, timedOut, unknown])(
    '%i: the word of another boot does not count',
    (st) => {
      for (const word of Object.values(ACK)) {
        expect(step(at(st), acked(word, { boot: 8 }), START + 5).command).toEqual(at(st));
      }
    },
  );

  test('keeps what the device said of it', () => {
    const said = { code: CODE.internal, msg: 'jammed', pct: 40, vals: values({ 1: false }), ver: 43 };
    const { vals, ...rest } = said;
    const { command } = step(at(accepted), acked(ACK.failed, said), START + 5);
    expect(command).toMatchObject({ st: failed, t: START + 5, reported: vals, ...rest });
    expect(command.steps.at(-1)).toEqual({ st: failed, t: START + 5, code: CODE.internal, msg: 'jammed' });
  });

  test('an answer without details keeps those before, but no reason that is over', () => {
    const before = at(progress, { pct: 40, ver: 43, code: CODE.busy, msg: 'wait' });
    const { command } = step(before, acked(ACK.done), START);
    expect(command).toMatchObject({ st: done, pct: 40, ver: 43 });
    expect([command.code, command.msg]).toEqual([undefined, undefined]);
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
  const without = [ready(), ready(8), time(), absent, cancel, refuse, release];

  test.each(OVER)('%i: nothing but a late answer changes it', (st) => {
    for (const input of [...without, acked(ACK.accepted), acked(ACK.progress)]) {
      const command = at(st);
      const next = step(command, input, START + 100_000);
      expect(next.command).toBe(command);
      expect(next.send).toBe(false);
    }
  });

  test.each(HEARD)('%i: nor does a late answer', (st) => {
    for (const word of [ACK.done, ACK.failed, ACK.rejected]) {
      const command = at(st);
      expect(step(command, acked(word), START + 100_000).command).toBe(command);
    }
  });

  test.each(UNHEARD.flatMap((st) => [ACK.done, ACK.failed, ACK.rejected].map((word) => [st, word] as const)))(
    '%i: the late answer %i takes its place',
    (st, word) => {
      const now = START + 100_000;
      const ended = at(st, { code: CODE.unknown, msg: 'nobody knows' });
      const { command, send } = step(ended, acked(word, { vals: values({ 1: true }) }), now);
      expect(send).toBe(false);
      expect(command).toMatchObject({ st: word, t: now, reported: values({ 1: true }) });
      expect([command.code, command.msg]).toEqual([undefined, undefined]);
      expect(states(command)).toEqual([COMMAND.created, st, word]);
      for (const again of [ACK.done, ACK.failed]) {
        expect(step(command, acked(again), now + 5).command).toBe(command);
      }
    },
  );

  test('is what done, failed, rejected, expired, timed out, unknown and cancelled are', () => {
    expect(OVER).toEqual([done, failed, rejected, expired, timedOut, unknown, cancelled]);
  });
});

describe('the clock was set', () => {
  test.each([3_600_000, -3_600_000])('by %i ms: what was to last a while lasts as long as before', (by) => {
    const moved = (command: Command) => shifted(command, by);
    expect(step(moved(created), absent, EXP + by - 1).command.st).toBe(COMMAND.created);
    expect(step(moved(created), absent, EXP + by).command.st).toBe(expired);
    expect(step(moved(at(sent)), time(), START + by + RESEND_AFTER - 1).send).toBe(false);
    expect(step(moved(at(sent)), time(), START + by + RESEND_AFTER).send).toBe(true);
    expect(step(moved(at(sent)), absent, EXP + by).command.st).toBe(timedOut);
    expect(step(moved(at(accepted)), time(), START + by + SILENT_AFTER - 1).command.st).toBe(accepted);
    expect(step(moved(at(accepted)), time(), START + by + SILENT_AFTER).command.st).toBe(unknown);
  });

  test('says nothing else of what happened', () => {
    const ends = { exp: EXP + 5_000, sentAt: START + 5_000, heardAt: START + 5_000 };
    expect(shifted(at(accepted), 5_000)).toEqual(at(accepted, ends));
    expect(shifted(held, 5_000)).not.toHaveProperty('exp');
  });
});
