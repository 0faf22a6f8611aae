import { describe, expect, it } from 'vitest';
import { COMMAND } from '#firmware-protocol';
import {
  giveUpOverdue,
  isOpen,
  isWithdrawable,
  remember,
  takeCommandDelta,
  wentWrong,
  type Command,
} from '#console/fleet/command.ts';
import { command, commandDelta, NOON } from './samples.ts';

describe('a step of a command', () => {
  it('keeps what was asked for, and when', () => {
    const next = takeCommandDelta(command(), commandDelta({ st: COMMAND.accepted }));
    expect(next).toMatchObject({ stage: 'accepted', askedAt: NOON, at: NOON + 100 });
    expect([...next.want]).toEqual([[1, true]]);
  });

  it('makes a command of another operator known', () => {
    const next = takeCommandDelta(undefined, commandDelta({ who: '@ada', want: new Map([[2, 80]]) }));
    expect(next).toMatchObject({ id: '0102030405060708', who: '@ada', path: 'cmd', stage: 'sent' });
  });

  it('reads every state of the hub', () => {
    for (const [stage, st] of Object.entries(COMMAND)) {
      expect(takeCommandDelta(undefined, commandDelta({ st })).stage).toBe(stage);
    }
  });

  it('is a wish where it names the version of a document, and has no end then', () => {
    const wish = takeCommandDelta(undefined, commandDelta({ st: COMMAND.created, exp: undefined, wver: 3 }));
    expect(wish).toMatchObject({ path: 'desired', expiresAt: undefined });
    expect(takeCommandDelta(wish, commandDelta({ st: COMMAND.done, exp: undefined })).path).toBe('desired');
    const refused = takeCommandDelta(
      command({ path: 'desired' }),
      commandDelta({ st: COMMAND.rejected, exp: undefined }),
    );
    expect(refused).toMatchObject({ path: 'desired', stage: 'rejected' });
  });

  it('says since when it is wanted, even to who has not seen it begin', () => {
    const next = takeCommandDelta(undefined, commandDelta({ st: COMMAND.done, since: NOON - 5_000 }));
    expect(next).toMatchObject({ askedAt: NOON - 5_000, at: NOON + 100 });
  });

  it('is kept with its time and cause, once', () => {
    const steps = [
      { st: COMMAND.created, t: NOON },
      { st: COMMAND.created, t: NOON },
      { st: COMMAND.progress, t: NOON + 10, pct: 10 },
      { st: COMMAND.progress, t: NOON + 20, pct: 20 },
      { st: COMMAND.timedOut, t: NOON + 30 },
      { st: COMMAND.failed, t: NOON + 40, code: 6, msg: 'motor is moving' },
    ];
    const end = steps.reduce<Command | undefined>(
      (known, step) => takeCommandDelta(known, commandDelta(step)),
      undefined,
    );
    expect(end?.steps.map(({ stage, at, msg }) => [stage, at - NOON, msg])).toEqual([
      ['created', 0, undefined],
      ['progress', 20, undefined],
      ['timedOut', 30, undefined],
      ['failed', 40, 'motor is moving'],
    ]);
  });

  it('may be withdrawn before it is sent, unless it is a wish', () => {
    expect(isWithdrawable(command({ stage: 'created' }))).toBe(true);
    expect(isWithdrawable(command({ stage: 'sent' }))).toBe(false);
    expect(isWithdrawable(command({ stage: 'created', path: 'desired' }))).toBe(false);
  });

  it('does not reopen what is over', () => {
    const done = takeCommandDelta(command(), commandDelta({ st: COMMAND.done }));
    expect(takeCommandDelta(done, commandDelta({ st: COMMAND.progress }))).toBe(done);
  });

  it('corrects an outcome that was given up on', () => {
    const unheard = command({ stage: 'unheard' });
    expect(takeCommandDelta(unheard, commandDelta({ st: COMMAND.accepted })).stage).toBe('accepted');
    expect(takeCommandDelta(unheard, commandDelta({ st: COMMAND.done })).stage).toBe('done');
  });
});

describe('the commands of a device', () => {
  it('stand newest first, each in one place', () => {
    const first = command({ id: 'a' });
    const both = remember(remember([], first), command({ id: 'b' }));
    expect(remember(both, { ...first, stage: 'done' }).map(({ id, stage }) => `${id} ${stage}`)).toEqual([
      'b asked',
      'a done',
    ]);
  });

  it('are forgotten in the end', () => {
    const many = Array.from({ length: 200 }, (_, at) => command({ id: String(at) })).reduce(
      (commands, each) => remember(commands, each),
      [] as readonly ReturnType<typeof command>[],
    );
    expect(many).toHaveLength(50);
    expect(many[0]?.id).toBe('199');
  });
});

describe('giving up', () => {
  it('waits past the expiry, for the outcome may be on its way', () => {
    const commands = [command({ stage: 'sent' })];
    expect(giveUpOverdue(commands, NOON + 10_001)).toBe(commands);
    expect(giveUpOverdue(commands, NOON + 13_001)[0]).toMatchObject({ stage: 'unheard', at: NOON + 13_001 });
  });

  it('gives a device that accepted a minute since its last word', () => {
    const commands = [command({ stage: 'progress', at: NOON + 9_000 })];
    expect(giveUpOverdue(commands, NOON + 60_000)).toBe(commands);
    expect(giveUpOverdue(commands, NOON + 75_000)[0]?.stage).toBe('unheard');
  });

  it('leaves a wish to wait for its device', () => {
    const commands = [command({ path: 'desired', stage: 'created', expiresAt: undefined })];
    expect(giveUpOverdue(commands, NOON + 1e9)).toBe(commands);
  });

  it('leaves a command to wait until its end, but not the hub to take it', () => {
    const commands = [command({ stage: 'created', expiresAt: NOON + 86_400_000 })];
    expect(giveUpOverdue(commands, NOON + 80_000_000)).toBe(commands);
    const asked = [command({ stage: 'asked', expiresAt: NOON + 86_400_000 })];
    expect(giveUpOverdue(asked, NOON + 13_000)[0]?.stage).toBe('unheard');
  });

  it('tells ends from what is open, and bad ends from good', () => {
    expect(isOpen(command({ stage: 'progress' }))).toBe(true);
    expect(wentWrong(command({ stage: 'progress' }))).toBe(false);
    expect(wentWrong(command({ stage: 'done' }))).toBe(false);
    expect(wentWrong(command({ stage: 'unsent' }))).toBe(true);
    expect(isOpen(command({ stage: 'cancelled' }))).toBe(false);
    expect(wentWrong(command({ stage: 'cancelled' }))).toBe(false);
  });
});
