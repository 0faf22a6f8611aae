import { describe, expect, it } from 'vitest';
import { FLAG } from '#firmware-protocol';
import { alignSeries, chartStart, valueAt } from '#console/chart/plot-data.ts';
import { record, unwatchedPoints } from '#console/chart/recorder.ts';
import { Series } from '#console/chart/series.ts';
import { sparklinePath } from '#console/chart/sparkline.ts';
import { LAMP, NOON } from './samples.ts';

function series(...points: [time: number, value: number][]): Series {
  const made = new Series(100);
  for (const [time, value] of points) made.add(time, value, Infinity);
  return made;
}

describe('a series', () => {
  it('drops readings that are not newer', () => {
    const readings = series([10, 1]);
    expect(readings.add(10, 2, Infinity)).toBe(false);
    expect(readings.add(9, 2, Infinity)).toBe(false);
    expect(readings.values).toEqual([1]);
  });

  it('has a gap after a long silence, and one only however often it is broken', () => {
    const readings = series([10, 1]);
    readings.add(500, 2, 100);
    readings.breakAfterLast();
    readings.breakAfterLast();
    readings.add(600, 3, Infinity);
    expect(readings.times).toEqual([10, 11, 500, 501, 600]);
    expect(readings.values).toEqual([1, null, 2, null, 3]);
  });

  it('has no gap before its first reading', () => {
    const readings = new Series(10);
    readings.breakAfterLast();
    expect(readings.times).toEqual([]);
  });

  it('keeps the newest points', () => {
    const readings = new Series(8);
    for (let at = 1; at <= 100; at++) readings.add(at, at, Infinity);
    expect(readings.values.length).toBeLessThanOrEqual(10);
    expect(readings.values.length).toBeGreaterThanOrEqual(8);
    expect(readings.values.at(-1)).toBe(100);
  });
});

describe('recording', () => {
  it('keeps charted numbers only, and says whether there was anything new', () => {
    const kept = new Map<number, Series>();
    const values = new Map<number, number | boolean | null>([
      [1, true],
      [2, 50],
      [4, 83],
    ]);
    expect(record(kept, LAMP, values, NOON, 10)).toBe(true);
    expect(record(kept, LAMP, values, NOON, 10)).toBe(false);
    expect(record(kept, LAMP, new Map([[4, null]]), NOON + 1, 10)).toBe(false);
    expect([...kept.keys()]).toEqual([4]);
  });

  it('knows silence from the longest interval at which a property is reported', () => {
    const watts = { ...LAMP.props[3], pid: 4, key: 'watts', type: 1, flags: FLAG.sampled };
    const regular = { ...LAMP, props: [{ ...watts, rpt: [1, 10, 0] as [number, number, number] }] };
    const kept = new Map<number, Series>();
    record(kept, regular, new Map([[4, 1]]), NOON, 10);
    record(kept, regular, new Map([[4, 2]]), NOON + 20_000, 10);
    record(kept, regular, new Map([[4, 3]]), NOON + 60_000, 10);
    expect(kept.get(4)?.values).toEqual([1, 2, null, 3]);
  });

  it('knows silence from how often a sampled property came, where its description does not say', () => {
    const kept = new Map<number, Series>();
    for (const [second, watts] of [
      [0, 1],
      [1, 2],
      [2, 3],
      [15, 4],
    ] as const) {
      record(kept, LAMP, new Map([[4, watts]]), NOON + second * 1_000, 10);
    }
    expect(kept.get(4)?.values).toEqual([1, 2, 3, null, 4]);
  });

  it('keeps less of each device the more there are', () => {
    expect(unwatchedPoints(12)).toBe(3_600);
    expect(unwatchedPoints(2_000)).toBe(300);
    expect(unwatchedPoints(100_000)).toBe(60);
  });
});

describe('a sparkline', () => {
  it('spans its box from the lowest to the highest reading', () => {
    expect(sparklinePath(series([0, 0], [50, 10], [100, 5]), 100, 20)).toBe('M0.0 20.0L50.0 0.0L100.0 10.0');
  });

  it('is broken at a gap', () => {
    const readings = series([0, 0]);
    readings.add(100, 10, 50);
    expect(sparklinePath(readings, 100, 20).match(/M/g)).toHaveLength(2);
  });

  it('is level for a steady reading, a stroke for one, and nothing for none', () => {
    expect(sparklinePath(series([0, 7], [10, 7]), 100, 20)).toBe('M0.0 10.0L100.0 10.0');
    expect(sparklinePath(series([0, 7]), 100, 20)).toBe('M100.0 10.0h-2');
    expect(sparklinePath(new Series(1), 100, 20)).toBe('');
  });
});

describe('the data of a chart', () => {
  const double = (value: number): number => value * 2;
  const same = (value: number): number => value;

  it('puts series on one time axis, in seconds and physical', () => {
    const data = alignSeries([series([1_000, 1], [3_000, 3]), series([2_000, 5])], [double, same], 0);
    expect(data).toEqual([
      [1, 2, 3],
      [2, undefined, 6],
      [undefined, 5, undefined],
    ]);
  });

  it('tells gaps from times that a series has no point at', () => {
    const broken = series([1_000, 1]);
    broken.breakAfterLast();
    expect(alignSeries([broken, series([2_000, 5])], [same, same], 0)[1]).toEqual([1, null, undefined]);
  });

  it('begins one point before the left edge', () => {
    const readings = series([1_000, 1], [2_000, 2], [3_000, 3], [4_000, 4]);
    expect(alignSeries([readings], [same], 3_000)[0]).toEqual([2, 3, 4]);
    expect(alignSeries([readings], [same], 9_000)[0]).toEqual([4]);
  });

  it('begins where there is something to see, but spans half a minute', () => {
    const readings = [series([NOON, 1])];
    expect(chartStart(readings, NOON + 5_000, 300_000)).toBe(NOON - 25_000);
    expect(chartStart(readings, NOON + 100_000, 300_000)).toBe(NOON);
    expect(chartStart(readings, NOON + 900_000, 300_000)).toBe(NOON + 600_000);
    expect(chartStart([new Series(1)], NOON, 60_000)).toBe(NOON - 60_000);
  });
});

describe('the value under the cursor', () => {
  const same = (value: number): number => value;
  const broken = series([1_000, 10], [2_000, 11]);
  broken.breakAfterLast();
  const data = alignSeries([broken, series([1_500, 5], [4_000, 6])], [same, same], 0);

  it('is that of its line, or the one before that the line comes from', () => {
    expect(data[0]).toEqual([1, 1.5, 2, 2.001, 4]);
    expect([0, 1, 2].map((point) => valueAt(data, 0, point))).toEqual([10, 10, 11]);
    expect(valueAt(data, 1, 2)).toBe(5);
  });

  it('is none in a gap, before the first point, and of what is not drawn: least of all the time', () => {
    expect([3, 4].map((point) => valueAt(data, 0, point))).toEqual([undefined, undefined]);
    expect(valueAt(data, 1, 0)).toBeUndefined();
    expect([-1, 2].map((line) => valueAt(data, line, 2))).toEqual([undefined, undefined]);
  });
});
