import { describe, expect, it } from 'vitest';
import { COMMAND } from '#firmware-protocol';
import type { CommandRecord } from '#broker/store/commands.ts';
import type { DeedLine } from '../../faults/deeds.ts';
import { judge, type Evidence } from '../../faults/verdict.ts';

const T = 1_800_000_000_000;
const { created, sent, accepted, done, rejected, timedOut } = COMMAND;

function record(fields: Partial<CommandRecord> & { path: readonly number[] }): CommandRecord {
  const { path, ...more } = fields;
  return {
    device: 'lamp',
    id: '01',
    who: '@owner',
    batch: null,
    request: new Uint8Array(),
    wish: 0,
    st: path.at(-1) as number,
    t: T,
    createdAt: T,
    exp: T + 1_000,
    sentAt: T,
    boot: 7,
    wver: null,
    code: null,
    msg: null,
    pct: null,
    reported: null,
    ver: null,
    steps: JSON.stringify(path.map((st) => [st, T])),
    ...more,
  };
}

const told = (path: readonly number[], id = '01') => ({
  device: 'lamp',
  id,
  steps: path.map((st) => ({ st, t: T, code: undefined, msg: undefined })),
});

const deed = (did: DeedLine['did'], fields: Partial<DeedLine> = {}): DeedLine => ({
  t: T + 10,
  device: 'lamp',
  boot: 7,
  did,
  id: '01',
  vals: {},
  ...fields,
});

const GOOD: Evidence = {
  told: [told([created, sent, done])],
  stored: [record({ path: [created, sent, done] })],
  deeds: [deed('run'), deed('done')],
};

const violations = (change: Partial<Evidence>): readonly string[] => judge({ ...GOOD, ...change }).violations;

describe('the verdict', () => {
  it('has nothing against a command that was carried out once and told so', () => {
    expect(violations({})).toEqual([]);
    expect(judge(GOOD).figures).toMatchObject({ commands: 1, done: 1, 'carried out': 1 });
  });

  it.each([
    ['a command that was told and is not stored', { stored: [], deeds: [] }, 'not in the store'],
    [
      'a step that was told and is not stored',
      { told: [told([created, sent, accepted, done])] },
      'told as accepted',
    ],
    ['another end than was told', { told: [told([created, sent])] }, 'last told as sent and is done'],
    [
      'an end that was taken back',
      {
        told: [told([created, rejected, sent, done])],
        stored: [record({ path: [created, rejected, sent, done] })],
      },
      'went on after its end',
    ],
    ['a command that was carried out twice', { deeds: [deed('run'), deed('run'), deed('done')] }, '2 times'],
    [
      'a command that was carried out in two boots',
      { deeds: [deed('run'), deed('run', { boot: 8 }), deed('done')] },
      '2 times',
    ],
    ['a command that is done and never was', { deeds: [] }, 'never carried out'],
    ['a command that is done before its end', { deeds: [deed('run')] }, 'never came to its end'],
    [
      'a command that was rejected and carried out',
      { told: [], stored: [record({ path: [created, sent, rejected] })] },
      'is rejected and was carried out',
    ],
    ['a command that stays open', { told: [], stored: [record({ path: [created, sent] })] }, 'still sent'],
    [
      'a command that was carried out and not stored as sent',
      { told: [], stored: [record({ path: [created, done] })] },
      'not stored as sent',
    ],
    ['a command that nobody asked for', { deeds: [...GOOD.deeds, deed('run', { id: '99' })] }, 'lamp/99'],
    [
      'a command that was carried out too late',
      { deeds: [deed('run', { t: T + 3_000 }), deed('done')] },
      '2000 ms after its end',
    ],
    [
      'a wish that is done and was never applied',
      {
        told: [],
        stored: [record({ path: [created, done], wish: 1, wver: 3 })],
        deeds: [deed('desired', { dver: 2 })],
      },
      'never applied',
    ],
    [
      'commands that changed places',
      {
        told: [],
        stored: [
          record({ path: [created, sent, done] }),
          record({ id: '02', path: [created, sent, done], createdAt: T + 5 }),
        ],
        deeds: [deed('run', { id: '02' }), deed('done', { id: '02' }), deed('run'), deed('done')],
      },
      'asked for later',
    ],
  ])('names %s', (_what, change: Partial<Evidence>, words) => {
    const found = violations(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(words);
  });

  it('lets an answer come late, also one that nobody could be told any more', () => {
    const late = record({ path: [created, sent, timedOut, done] });
    expect(violations({ told: [told([created, sent, timedOut, done])], stored: [late] })).toEqual([]);
    expect(violations({ told: [told([created, sent, timedOut])], stored: [late] })).toEqual([]);
  });
});
