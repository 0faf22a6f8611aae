import { describe, expect, test } from 'vitest';
import { CODE, type Property, type Value } from '#firmware-protocol';
import type { Written } from '#broker/contract/batch.ts';
import { fromWritten, toWritten } from '#broker/fleet/batches/written.ts';
import { lamp } from '../selection/views.ts';

const property = (key: string): Property =>
  lamp.value.props.find((candidate) => candidate.key === key) as Property;

const BOTH: [string, Written, Value][] = [
  ['on', true, true],
  ['level', 40, 40],
  ['warmth', 21.5, 215],
  ['warmth', 0.1 + 0.2, 3],
  ['mode', 'heat', 1],
  ['colour', '#ff8000', new Uint8Array([255, 128, 0])],
  ['title', '#ff8000', '#ff8000'],
  ['key', '00ff', new Uint8Array([0, 255])],
  ['key', '', new Uint8Array()],
  ['gain', 2_500, 2.5],
];

describe('a written value and the value on the wire', () => {
  test.each(BOTH)('%s: %j', (key, written, value) => {
    expect(fromWritten(property(key), written)).toEqual({ value });
    const told = toWritten(property(key), value);
    if (typeof written === 'number') expect(told).toBeCloseTo(written, 12);
    else expect(told).toBe(written);
  });

  test('capital digits are the same colour and the same bytes', () => {
    expect(fromWritten(property('colour'), '#FF8000')).toEqual(fromWritten(property('colour'), '#ff8000'));
    expect(fromWritten(property('key'), '00FF')).toEqual(fromWritten(property('key'), '00ff'));
  });

  test('a reading is told without the noise of binary fractions, and none as null', () => {
    expect(toWritten(property('energy'), 1_005)).toBe(1.005);
    expect(toWritten(property('energy'), null)).toBeNull();
  });

  test('a number beyond the names of an enum is told as it is', () => {
    expect(toWritten(property('mode'), 7)).toBe(7);
  });
});

describe('what cannot be written says what can', () => {
  test.each<[string, Written, string]>([
    ['on', 1, 'Light takes true or false, not 1'],
    ['on', 'true', 'Light takes true or false, not "true"'],
    ['level', 1.5, 'level takes a number from 0 to 100 in steps of 1 (%), not 1.5'],
    ['level', '40', 'level takes a number from 0 to 100 in steps of 1 (%), not "40"'],
    ['warmth', 21.53, 'warmth takes a number from 5 to 30 in steps of 0.5 (°C), not 21.53'],
    ['mode', 'warm', 'mode takes one of "off", "heat", "cool", not "warm"'],
    ['mode', 1, 'mode takes one of "off", "heat", "cool", not 1'],
    ['colour', 'red', 'colour takes a colour such as "#ff8000", not "red"'],
    ['colour', '#ff80000', 'colour takes a colour such as "#ff8000", not "#ff80000"'],
    ['key', '0', 'key takes bytes in hex, such as "00ff", not "0"'],
    ['title', 4, 'title takes a text of at most 256 bytes, not 4'],
    ['gain', true, 'gain takes a number from 0, not true'],
  ])('%s: %j', (key, written, msg) => {
    expect(fromWritten(property(key), written)).toEqual({ code: CODE.invalid, msg });
  });

  test.each<[string, Written]>([
    ['title', 'ü'.repeat(129)],
    ['title', '\ud800'],
    ['gain', 2 ** 70],
    ['gain', Infinity],
  ])('what no message can carry: %s', (key, written) => {
    expect(fromWritten(property(key), written)).toMatchObject({ code: CODE.invalid });
  });
});
