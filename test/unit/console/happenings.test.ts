import { describe, expect, it } from 'vitest';
import { timeline } from '#broker/contract/timeline.ts';
import { happenings } from '#console/pages/device/happenings.ts';
import { command, LAMP, NOON } from './samples.ts';

/** As the API tells it, through its own schema. */
const told = (entries: readonly object[]) => timeline.parse({ entries }).entries;

const unnamed = (): undefined => undefined;

const toldCommand = (changes: object = {}) => ({
  kind: 'command',
  t: NOON,
  command: {
    device: 'lamp',
    id: '0102030405060708',
    who: '@ada',
    wish: false,
    set: { power: true, fade: 1.2 },
    state: 'sent',
    t: NOON + 10,
    createdAt: NOON,
    steps: [
      { state: 'created', t: NOON },
      { state: 'sent', t: NOON + 10 },
    ],
    ...changes,
  },
});

describe('what happened to a device', () => {
  it('is told in the words of its description, the latest first', () => {
    const entries = told([
      { kind: 'event', t: NOON + 50, vals: { power: true, other: 'x' }, msg: 'pressed' },
      { kind: 'presence', t: NOON + 40, state: 'lost', why: 'keepalive' },
      toldCommand(),
      toldCommand({
        id: 'ff02030405060708',
        createdAt: NOON - 9,
        set: undefined,
        run: { action: 'blink', args: [3] },
      }),
    ]);
    expect(
      happenings(entries, [], LAMP, unnamed).map((each) => ('what' in each ? each.what : each.state)),
    ).toEqual(['Power → On, other → x', 'lost', 'Power → On, Fade time → 1.2\u202Fs', 'Blink (3\u202Fs)']);
  });

  it('goes on with the commands that this console hears of', () => {
    const heard = command({
      stage: 'done',
      who: '@ada',
      askedAt: NOON,
      at: NOON + 30,
      steps: [
        { stage: 'sent', at: NOON + 10, code: undefined, msg: undefined },
        { stage: 'done', at: NOON + 30, code: undefined, msg: undefined },
      ],
    });
    const [only, ...others] = happenings(told([toldCommand()]), [heard], LAMP, unnamed);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ stage: 'done', since: NOON + 30 });
    expect(only?.kind === 'command' && only.steps.map(({ stage }) => stage)).toEqual([
      'created',
      'sent',
      'done',
    ]);
  });

  it('believes the hub where it knows more than this console heard', () => {
    const unheard = command({ stage: 'sent', at: NOON + 10 });
    const later = told([toldCommand({ state: 'failed', t: NOON + 99, code: 6, msg: 'motor is moving' })]);
    expect(happenings(later, [unheard], LAMP, unnamed)[0]).toMatchObject({
      stage: 'failed',
      msg: 'motor is moving',
    });
  });

  it('can be withdrawn where it waits and is no wish', () => {
    const waiting = (wish: boolean) =>
      happenings(told([toldCommand({ state: 'created', wish })]), [], LAMP, unnamed)[0];
    expect(waiting(false)).toMatchObject({ withdrawable: true });
    expect(waiting(true)).toMatchObject({ withdrawable: false });
  });

  it('is told even of a device that has not described itself', () => {
    expect(happenings(told([toldCommand()]), [], undefined, unnamed)[0]).toMatchObject({
      what: 'power → true, fade → 1.2',
    });
  });

  it('names the batch that a command is of, and is called by it where nothing else is known', () => {
    const batch = 'aa02030405060708';
    const bare = told([toldCommand({ batch, set: undefined, state: 'rejected' })]);
    const heard = command({ batch, want: new Map() });
    const nameOf = (id: string) => (id === batch ? 'Evening lights' : undefined);
    for (const live of [[], [heard]]) {
      const expected = { what: 'Evening lights', batch, batchName: 'Evening lights' };
      expect(happenings(bare, live, LAMP, nameOf)[0]).toMatchObject(expected);
      expect(happenings(bare, live, LAMP, unnamed)[0]).toMatchObject({ what: 'A request' });
    }
    expect(happenings(told([toldCommand({ batch })]), [], LAMP, nameOf)[0]).toMatchObject({
      what: 'Power → On, Fade time → 1.2\u202Fs',
      batchName: 'Evening lights',
    });
  });
});
