import { describe, expect, it } from 'vitest';
import { FLAG, TYPE, type Description, type Property } from '#firmware-protocol';
import { batchOrder } from '#broker/contract/batch.ts';
import { DeedDraft } from '#console/controls/deed-draft.svelte.ts';
import { describeDeed, describeOrder } from '#console/controls/describe-deed.ts';
import { commonDeeds, orderOf, toWritten, type Deed } from '#console/fleet/deeds.ts';
import { LAMP } from './samples.ts';

const described = (...props: Property[]): Description => ({ proto: [1, 0], model: 'M', fw: '1', props });
const level = (changes: Partial<Property> = {}): Property => ({
  pid: 2,
  key: 'level',
  type: TYPE.int,
  flags: FLAG.writable,
  unit: '%',
  min: 0,
  max: 100,
  ...changes,
});
const keys = (deeds: readonly Deed[]) => deeds.map(({ kind, key }) => `${kind} ${key}`);
const deed = (key: string): Deed => {
  const found = commonDeeds([LAMP]).find((each) => each.key === key);
  if (!found) throw new Error(`no deed ${key}`);
  return found;
};

describe('what devices have in common', () => {
  it('is all that can be written or run, of one model', () => {
    expect(keys(commonDeeds([LAMP]))).toEqual([
      'set power',
      'set level',
      'set fade',
      'run blink',
      'run identify',
    ]);
  });

  it('is found by key, whatever its id is', () => {
    const other = described({ pid: 9, key: 'power', type: TYPE.bool, flags: FLAG.writable });
    expect(keys(commonDeeds([LAMP, other]))).toEqual(['set power']);
  });

  it('is nothing where a key means something else', () => {
    const text = described({ pid: 1, key: 'power', type: TYPE.text, flags: FLAG.writable });
    const unwritable = described({ pid: 1, key: 'power', type: TYPE.bool });
    const otherUnit = described(level({ unit: 'lx' }));
    expect(commonDeeds([LAMP, text])).toEqual([]);
    expect(commonDeeds([LAMP, unwritable])).toEqual([]);
    expect(commonDeeds([described(level()), otherUnit])).toEqual([]);
    expect(commonDeeds([])).toEqual([]);
  });

  it('takes what all of them take, in the units of the first', () => {
    const tenths = described(level({ scale: -1, min: 100, max: 800 }));
    expect(commonDeeds([described(level()), tenths])[0]?.params[0]).toMatchObject({ min: 10, max: 80 });
    expect(commonDeeds([tenths, described(level({ max: 50 }))])[0]?.params[0]).toMatchObject({
      min: 100,
      max: 500,
    });
    expect(commonDeeds([described(level({ max: 10 })), described(level({ min: 20 }))])).toEqual([]);
  });

  it('asks for a second look where one of them does', () => {
    const wary = described(level({ flags: FLAG.writable | FLAG.confirmFirst }));
    expect(commonDeeds([described(level()), wary])[0]?.confirmFirst).toBe(true);
  });
});

describe('an order', () => {
  it('is written as people write values', () => {
    expect(orderOf(deed('power'), [true])).toEqual({ set: { power: true } });
    expect(orderOf(deed('fade'), [12])).toEqual({ set: { fade: 1.2 } });
    expect(orderOf(deed('blink'), [3])).toEqual({ run: { action: 'blink', args: [3] } });
    expect(orderOf(deed('identify'), [])).toEqual({ run: { action: 'identify' } });
  });

  it('is one that the hub takes', () => {
    for (const [key, args] of [
      ['power', [true]],
      ['blink', [3]],
      ['identify', []],
    ] as const) {
      expect(batchOrder.safeParse({ selection: { ids: ['a'] }, ...orderOf(deed(key), args) }).success).toBe(
        true,
      );
    }
  });

  it('names a choice, and writes colours and bytes in hex', () => {
    const choice = { pid: 1, key: 'mode', type: TYPE.enum, enum: ['off', 'heat'] };
    expect(toWritten(choice, 1)).toBe('heat');
    expect(toWritten({ pid: 1, key: 'c', type: TYPE.rgb }, Uint8Array.of(255, 128, 0))).toBe('#ff8000');
    expect(toWritten({ pid: 1, key: 'b', type: TYPE.bytes }, Uint8Array.of(0, 255))).toBe('00ff');
    expect(toWritten({ pid: 1, key: 't', type: TYPE.int, scale: -2 }, 2_153)).toBe(21.53);
  });

  it('is told in words', () => {
    expect(describeDeed(deed('power'), [true])).toBe('Power → On');
    expect(describeDeed(deed('identify'), [])).toBe('Identify');
    expect(describeOrder({ set: { power: true, mode: 'heat' } })).toBe('power → true, mode → heat');
    expect(describeOrder({ run: { action: 'blink', args: [3] } })).toBe('blink (3)');
  });
});

describe('a draft', () => {
  const draft = (descriptions: readonly Description[] = [LAMP]) =>
    new DeedDraft(() => commonDeeds(descriptions));

  it('begins with the first deed, and with on', () => {
    const begun = draft();
    expect([begun.chosen, begun.args]).toEqual(['set power', [true]]);
  });

  it('has no arguments while a field holds none', () => {
    const begun = draft();
    begun.chosen = 'set level';
    begun.write('set level 0', '150');
    expect(begun.args).toBeUndefined();
    begun.write('set level 0', '15');
    expect(begun.args).toEqual([15]);
  });

  it('takes up what was ordered before', () => {
    const heat = described({
      pid: 1,
      key: 'mode',
      type: TYPE.enum,
      enum: ['off', 'heat'],
      flags: FLAG.writable,
    });
    const chosen = draft([heat]);
    chosen.load({ set: { mode: 'heat' } });
    expect(chosen.args).toEqual([1]);
    const run = draft();
    run.load({ run: { action: 'blink', args: [7] } });
    expect([run.chosen, run.args]).toEqual(['run blink', [7]]);
  });

  it('has nothing to offer where there is nothing in common', () => {
    expect(draft([]).args).toBeUndefined();
  });
});
