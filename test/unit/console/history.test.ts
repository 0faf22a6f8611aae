import { describe, expect, it } from 'vitest';
import { FLAG, TYPE, type Property } from '#firmware-protocol';
import { history } from '#broker/contract/history.ts';
import { alignHistory } from '#console/chart/history-data.ts';
import { NOON } from './samples.ts';

const MINUTE = 60_000;
const sampled: Property = { pid: 4, key: 'watts', type: TYPE.float, flags: FLAG.sampled };
const changing: Property = { pid: 5, key: 'level', type: TYPE.float };

/** Buckets of a minute at these minutes, each from 1 below to 1 above its mean. */
const series = ({ pid, key }: Property, minutes: readonly number[]) => ({
  pid,
  key,
  t: minutes.map((minute) => NOON + minute * MINUTE),
  mean: minutes,
  min: minutes.map((minute) => minute - 1),
  max: minutes.map((minute) => minute + 1),
  last: minutes,
});
const answer = (...all: ReturnType<typeof series>[]) =>
  history.parse({ from: NOON, to: NOON + 60 * MINUTE, bucket: MINUTE, series: all });

const minutesOf = (times: readonly number[]) => times.map((time) => (time * 1_000 - NOON) / MINUTE);

describe('a chart of the past', () => {
  it('has a column of means, one of the least and one of the greatest', () => {
    const [times, mean, min, max] = alignHistory(answer(series(sampled, [0, 1, 2])), [sampled]);
    expect(minutesOf(times)).toEqual([0, 1, 2]);
    expect([mean, min, max]).toEqual([
      [0, 1, 2],
      [-1, 0, 1],
      [1, 2, 3],
    ]);
  });

  it('shows silence of a sampled property as a gap', () => {
    const [, mean] = alignHistory(answer(series(sampled, [0, 1, 10, 11])), [sampled]);
    expect(mean).toEqual([0, 1, null, 10, 11]);
  });

  it('takes rare samples for what they are', () => {
    const rare = { ...sampled, rpt: [0, 300, 0] as [number, number, number] };
    expect(alignHistory(answer(series(rare, [0, 5, 10])), [rare])[1]).toEqual([0, 5, 10]);
    expect(alignHistory(answer(series(sampled, [0, 5, 10])), [sampled])[1]).toEqual([0, 5, 10]);
    expect(alignHistory(answer(series(rare, [0, 5, 30])), [rare])[1]).toEqual([0, 5, null, 30]);
  });

  it('joins what is reported when it changes, however late', () => {
    expect(alignHistory(answer(series(changing, [0, 50])), [changing])[1]).toEqual([0, 50]);
  });

  it('puts several on one axis, in the order in which they are drawn', () => {
    const both = answer(series(sampled, [0, 2]), series(changing, [1, 2]));
    const [times, level, watts] = alignHistory(both, [changing, sampled]);
    expect(minutesOf(times)).toEqual([0, 1, 2]);
    expect(level).toEqual([undefined, 1, 2]);
    expect(watts).toEqual([0, undefined, 2]);
  });

  it('is empty where nothing is kept', () => {
    expect(alignHistory(answer(), [sampled])).toEqual([[], [], [], []]);
  });
});
