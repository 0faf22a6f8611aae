import { describe, expect, test } from 'vitest';
import { afterReading, worthReading, type Reading, type ReloadState } from '#broker/tls/reload.ts';

const OLD = { cert: 'old', key: 'old key' };
const NEW = { cert: 'new', key: 'new key' };
const quiet: ReloadState = { mark: '1', inUse: OLD };

/** What is done at each of several looks at files, the first of them after a change. */
function looks(...readings: Reading[]) {
  let state = quiet;
  return readings.map((reading, at) => {
    expect(worthReading(state, at === 0 ? '2' : state.mark)).toBe(true);
    const after = afterReading(state, `${at + 2}`, reading);
    state = after.state;
    return [after.verdict, state.inUse.cert];
  });
}

test('files that did not change are not read', () => {
  expect(worthReading(quiet, '1')).toBe(false);
  expect(worthReading(quiet, '2')).toBe(true);
});

test('files that could not be used are read again, whether they changed or not', () => {
  const { state } = afterReading(quiet, '2', { fault: 'half' });
  expect(worthReading(state, '2')).toBe(true);
  expect(worthReading(state, '3')).toBe(true);
});

describe('at each look', () => {
  test('a new pair is taken, once', () => {
    const { state, verdict } = afterReading(quiet, '2', { pair: NEW });
    expect(verdict).toBe('take');
    expect(state).toEqual({ mark: '2', inUse: NEW });
    expect(worthReading(state, '2')).toBe(false);
  });

  test('the same pair, written again, changes nothing', () => {
    expect(afterReading(quiet, '2', { pair: { ...OLD } })).toEqual({
      verdict: 'keep',
      state: { mark: '2', inUse: OLD },
    });
  });

  test.each([{ cert: 'new' }, { key: 'new key' }])('a pair of which %j is new is another', (change) => {
    expect(afterReading(quiet, '2', { pair: { ...OLD, ...change } }).verdict).toBe('take');
  });

  test('what is wrong is told when it lasts, and once; then what is right is taken', () => {
    expect(looks({ fault: 'half' }, { fault: 'half' }, { fault: 'half' }, { pair: NEW })).toEqual([
      ['keep', 'old'],
      ['tell', 'old'],
      ['keep', 'old'],
      ['take', 'new'],
    ]);
  });

  test('what is wrong between two files of one renewal is not told', () => {
    expect(looks({ fault: 'half' }, { pair: NEW })).toEqual([
      ['keep', 'old'],
      ['take', 'new'],
    ]);
    expect(
      looks({ fault: 'half' }, { fault: 'no match' }, { pair: NEW }).map(([verdict]) => verdict),
    ).toEqual(['keep', 'keep', 'take']);
  });

  test('something else that is wrong is told too', () => {
    const [a, b] = [{ fault: 'half' }, { fault: 'no match' }];
    expect(looks(a, a, b, b, b).map(([verdict]) => verdict)).toEqual([
      'keep',
      'tell',
      'keep',
      'tell',
      'keep',
    ]);
  });

  test('the same that is wrong again, after it was right, is told again', () => {
    const a = { fault: 'half' };
    expect(looks(a, a, { pair: OLD }).map(([verdict]) => verdict)).toEqual(['keep', 'tell', 'keep']);
    const { state } = afterReading(quiet, '2', { pair: OLD });
    expect(state.fault).toBeUndefined();
  });
});
