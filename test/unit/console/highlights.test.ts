import { describe, expect, it } from 'vitest';
import { CATEGORY, FLAG, TYPE, type Description, type Property } from '#firmware-protocol';
import { controlKind, isFine } from '#console/controls/control-kind.ts';
import { isCharted, mainControl, mainReading } from '#console/fleet/highlights.ts';
import { LAMP } from './samples.ts';

const describing = (...props: Partial<Property>[]): Description => ({
  ...LAMP,
  props: props.map((property, at) => ({ pid: at + 1, key: `p${at + 1}`, type: TYPE.bool, ...property })),
});

const controlOf = (description: Description): number | undefined => {
  const control = mainControl(description);
  return control?.kind === 'property' ? control.property.pid : control?.action.pid;
};

describe('the control in a row', () => {
  it('is a switch, before anything that stands in front of it', () => {
    const level = { type: TYPE.int, flags: FLAG.writable, min: 0, max: 9 };
    expect(controlOf(describing(level, { flags: FLAG.writable }))).toBe(2);
    expect(controlOf(describing(level))).toBe(1);
  });

  it('is none that needs more room, is a setting, or cannot be written', () => {
    const description = describing(
      { type: TYPE.text, flags: FLAG.writable },
      { type: TYPE.int, flags: FLAG.writable },
      { flags: FLAG.writable, cat: CATEGORY.config },
      {},
    );
    expect(mainControl({ ...description, acts: [] })).toBeUndefined();
  });

  it('is otherwise an action of its own without parameters', () => {
    const readOnly = describing({});
    expect(mainControl({ ...readOnly, acts: LAMP.acts ?? [] })).toBeUndefined();
    expect(controlOf({ ...readOnly, acts: [{ pid: 9, key: 'open' }] })).toBe(9);
  });
});

describe('the reading in a row', () => {
  it('is a sampled number before any other', () => {
    expect(
      mainReading(describing({}, { type: TYPE.int }, { type: TYPE.int, flags: FLAG.sampled }))?.pid,
    ).toBe(3);
    expect(mainReading(describing({}, { type: TYPE.int }))?.pid).toBe(2);
    expect(mainReading(describing({}))?.pid).toBe(1);
  });

  it('is nothing that can be set, and nothing for diagnosis', () => {
    expect(mainReading(describing({ flags: FLAG.writable }, { cat: CATEGORY.diagnostic }))).toBeUndefined();
  });
});

describe('what is charted', () => {
  it('is numbers that are measured', () => {
    expect(LAMP.props.filter(isCharted).map(({ key }) => key)).toEqual(['watts']);
  });
});

describe('the control of a property', () => {
  const property = (changes: Partial<Property>): Property => ({
    pid: 1,
    key: 'p',
    type: TYPE.bool,
    flags: FLAG.writable,
    ...changes,
  });

  it.each([
    [{}, 'switch'],
    [{ type: TYPE.int, min: 0, max: 10 }, 'slider'],
    [{ type: TYPE.float, min: 0 }, 'stepper'],
    [{ type: TYPE.enum, enum: ['a', 'b'] }, 'segmented'],
    [{ type: TYPE.enum, enum: ['a', 'b', 'c', 'd', 'e'] }, 'select'],
    [{ type: TYPE.rgb }, 'colour'],
    [{ type: TYPE.text }, 'text'],
    [{ type: TYPE.bytes }, 'value'],
    [{ type: TYPE.event }, 'value'],
    [{ type: 42 }, 'value'],
    [{ flags: 0 }, 'value'],
  ] as const)('%o is a %s', (changes, kind) => {
    expect(controlKind(property(changes as Partial<Property>))).toBe(kind);
  });

  it('gets a field as well where a slider cannot be exact', () => {
    expect(isFine(property({ type: TYPE.int, min: 0, max: 100 }))).toBe(false);
    expect(isFine(property({ type: TYPE.int, min: 0, max: 3_600 }))).toBe(true);
    expect(isFine(property({ type: TYPE.int, min: 0, max: 3_600, step: 60 }))).toBe(false);
  });
});
