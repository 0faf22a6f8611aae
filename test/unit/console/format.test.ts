import { describe, expect, it } from 'vitest';
import { CODE, TYPE, type Property } from '#firmware-protocol';
import { describeCommand } from '#console/controls/describe-command.ts';
import { describeOutcome, describeState } from '#console/controls/describe-state.ts';
import { fromCssColour, toCssColour, toHex } from '#console/format/hex.ts';
import { formatAgo, formatDuration, formatInZone, formatMoment } from '#console/format/time.ts';
import { writtenUnit } from '#console/format/units.ts';
import { formatRaw, formatValue, formatWithUnit } from '#console/format/value.ts';
import { command, LAMP, NOON } from './samples.ts';

const property = (changes: Partial<Property>): Property => ({ pid: 1, key: 'p', type: TYPE.int, ...changes });

describe('a value', () => {
  it.each([
    [{ scale: -2 }, 2153, '21.53'],
    [{ scale: -2 }, 2150, '21.50'],
    [{ scale: -1 }, -26, '−2.6'],
    [{ scale: 3 }, 12, '12,000'],
    [{}, 1_048_576, '1,048,576'],
    [{ type: TYPE.float }, 1.4, '1.40'],
    [{ type: TYPE.float, step: 0.5 }, 1, '1.0'],
    [{ type: TYPE.bool }, true, 'On'],
    [{ type: TYPE.bool, class: 'door' }, false, 'Closed'],
    [{ type: TYPE.bool, class: 'lock' }, true, 'Locked'],
    [{ type: TYPE.bool, class: 'toString' }, true, 'On'],
    [{ type: TYPE.enum, enum: ['Eco', 'Boost'] }, 1, 'Boost'],
    [{ type: TYPE.enum, enum: ['Eco'] }, 7, '7'],
    [{ type: TYPE.text }, 'attic', 'attic'],
    [{ type: TYPE.rgb }, Uint8Array.of(255, 0, 16), '#ff0010'],
    [{ type: TYPE.bytes }, Uint8Array.of(1, 250), '01fa'],
    [{}, null, '–'],
    [{}, undefined, '–'],
  ] as const)('of %o: %o is %s', (changes, value, written) => {
    expect(formatValue(property(changes as Partial<Property>), value)).toBe(written);
  });

  it('carries its unit as people write it', () => {
    expect(formatWithUnit(property({ unit: 'Cel', scale: -1 }), 215)).toBe('21.5\u202F°C');
    expect(formatWithUnit(property({ unit: 'Cel' }), null)).toBe('–');
    expect(writtenUnit('kWh')).toBe('kWh');
    expect(writtenUnit(undefined)).toBe('');
    expect(writtenUnit('constructor')).toBe('constructor');
  });

  it('without a description is shown as it crossed the wire', () => {
    expect([true, 3, 'x', null, new Uint8Array()].map(formatRaw)).toEqual(['true', '3', 'x', '–', 'empty']);
  });
});

describe('bytes and colours', () => {
  it('go to text and back', () => {
    expect(toHex(Uint8Array.of(0, 15, 255))).toBe('000fff');
    expect(fromCssColour(toCssColour(Uint8Array.of(9, 128, 255)))).toEqual(Uint8Array.of(9, 128, 255));
  });
});

describe('time', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [172_800_000, '2 d'],
    [-5, '0 s'],
  ])('of %i ms is %s', (ms, written) => {
    expect(formatDuration(ms)).toBe(written);
  });

  it('is "now" for a moment', () => {
    expect(formatAgo(NOON, NOON + 4_999)).toBe('now');
    expect(formatAgo(NOON, NOON + 5_000)).toBe('5 s');
  });

  it('are told with the year where it is another', () => {
    const day = 86_400_000;
    expect(formatMoment(NOON + 3 * day, NOON)).not.toMatch(/202\d/);
    expect(formatMoment(NOON + 400 * day, NOON)).toMatch(/ 2027\b/);
  });

  it('are told in a time zone by its name, and its year is that of the zone', () => {
    expect(formatInZone(NOON, NOON, 'Asia/Seoul')).toBe('1 Jan, 21:00 (Asia/Seoul)');
    expect(formatInZone(NOON - 6 * 3_600_000, NOON, 'UTC')).toBe('1 Jan, 06:00 (UTC)');
    expect(formatInZone(NOON - 86_400_000, NOON, 'UTC')).toBe('31 Dec 2025, 12:00 (UTC)');
    expect(formatInZone(NOON, NOON, 'Moon/Base')).toMatch(/^\d.*\(.+\)$/);
  });
});

describe('a command in words', () => {
  it('names what is wanted', () => {
    expect(describeCommand(command(), LAMP)).toBe('Power → On');
    expect(describeCommand(command({ want: new Map([[3, 25]]) }), LAMP)).toBe('Fade time → 2.5\u202Fs');
    expect(describeCommand(command({ want: new Map([[99, 1]]) }), LAMP)).toBe('Property 99 → 1');
  });

  it('names the action and what it is given', () => {
    const none = new Map<number, never>();
    expect(describeCommand(command({ want: none, op: 7, args: [30] }), LAMP)).toBe('Blink (30\u202Fs)');
    expect(describeCommand(command({ want: none, op: 240 }), LAMP)).toBe('Identify');
    expect(describeCommand(command({ want: none, op: 9 }), undefined)).toBe('Action 9');
  });
});

const pending = {
  kind: 'pending',
  want: true,
  stage: 'sent',
  pct: undefined,
  kept: false,
  until: undefined,
  withdrawable: undefined,
} as const;

describe('an outcome in words', () => {
  it("gives the device's own reason before the meaning of its code", () => {
    expect(describeOutcome('rejected', CODE.busy, 'motor is moving')).toBe('Refused: motor is moving');
    expect(describeOutcome('failed', CODE.busy, undefined)).toBe('Failed: busy');
    expect(describeOutcome('failed', 77, undefined)).toBe('Failed: code 77');
    const by = 'withdrawn by @ada';
    expect(describeOutcome('cancelled', CODE.aborted, by, '@ada')).toBe('Cancelled: withdrawn by you');
    expect(describeOutcome('cancelled', CODE.aborted, by, '@eve')).toBe('Cancelled: withdrawn by @ada');
    expect(describeOutcome('failed', CODE.aborted, by, '@ada')).toBe('Failed: withdrawn by @ada');
    expect(describeOutcome('timedOut', undefined, undefined)).toBe('Timed out');
    expect(describeOutcome('done', CODE.ok, undefined)).toBe('Done');
  });

  it('names another operator, and not oneself', () => {
    expect(describeState({ ...pending, who: '@ada' }, LAMP.props[0], '@me', NOON)).toBe(
      'Waiting for On · by @ada',
    );
    expect(describeState({ ...pending, who: '@me' }, LAMP.props[0], '@me', NOON)).toBe('Waiting for On');
  });

  it('say of what waits for its device that it does, and for how long', () => {
    const created = { ...pending, stage: 'created', who: '@me' } as const;
    expect(describeState({ ...created, kept: true }, LAMP.props[0], '@me', NOON)).toBe(
      'On will be set when the device is back',
    );
    const until = NOON + 60_000;
    expect(describeState({ ...created, until }, LAMP.props[0], '@me', NOON)).toBe(
      `On waits for the device until ${formatMoment(until, NOON)}`,
    );
  });
});
