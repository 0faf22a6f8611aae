import { describe, expect, test } from 'vitest';
import { propertyLabel, toPhysical, toWireUnits, TYPE } from '#firmware-protocol';

describe('scale', () => {
  test.each([
    [-2, 2153, 21.53],
    [-2, -27315, -273.15],
    [-1, 3, 0.3],
    [-3, 1, 0.001],
    [-9, 1, 1e-9],
    [0, 42, 42],
    [3, 7, 7_000],
    [9, -2, -2e9],
  ])('%i: %d on the wire is %d', (scale, wire, physical) => {
    expect(toPhysical({ scale }, wire)).toBe(physical);
    expect(toWireUnits({ scale, type: TYPE.int }, physical)).toBe(wire);
  });

  test('that is absent is 0', () => {
    expect(toPhysical({}, 42)).toBe(42);
    expect(toWireUnits({ type: TYPE.int }, 42)).toBe(42);
  });

  test.each([
    [21.534, 2153],
    [21.536, 2154],
    [0.1 + 0.2, 30],
    [-21.536, -2154],
  ])('%d becomes the nearest integer of hundredths, %i', (physical, wire) => {
    expect(toWireUnits({ scale: -2, type: TYPE.int }, physical)).toBe(wire);
  });

  test('floats are not rounded', () => {
    expect(toWireUnits({ scale: 1, type: TYPE.float }, 25)).toBe(2.5);
  });

  test('there and back gives every hundredth exactly', () => {
    const property = { scale: -2, type: TYPE.int };
    for (let wire = -5_000; wire <= 12_500; wire += 1) {
      expect(toWireUnits(property, toPhysical(property, wire))).toBe(wire);
    }
  });
});

test('a property is labelled by its label, or else by its key', () => {
  expect(propertyLabel({ key: 'temp', label: 'Temperature' })).toBe('Temperature');
  expect(propertyLabel({ key: 'temp' })).toBe('temp');
});
