/** Samples of one series. The first `length` of each column count. */
export interface Samples {
  /** Unix time in ms. */
  readonly t: Float64Array;
  readonly v: Float64Array;
  readonly length: number;
}

export const NO_SAMPLES: Samples = { t: new Float64Array(0), v: new Float64Array(0), length: 0 };

/** The part from index `start` up to `end`, which shares memory with the whole. */
export function part({ t, v }: Samples, start: number, end: number): Samples {
  return { t: t.subarray(start, end), v: v.subarray(start, end), length: end - start };
}

/** The first index whose time is `time` or later. */
export function firstAt({ t, length }: Samples, time: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((t[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** In order of time, with one sample a millisecond: of several, the one that came last. */
export function inOrder(samples: Samples): Samples {
  const { t, v, length } = samples;
  let ascending = true;
  for (let index = 1; index < length && ascending; index += 1) {
    ascending = (t[index] as number) > (t[index - 1] as number);
  }
  if (ascending) return samples;
  // Array.prototype.sort keeps the order of equals.
  const order = Array.from({ length }, (_, index) => index);
  order.sort((a, b) => (t[a] as number) - (t[b] as number));
  const sorted = { t: new Float64Array(length), v: new Float64Array(length) };
  let kept = 0;
  for (const index of order) {
    if (kept > 0 && sorted.t[kept - 1] === t[index]) kept -= 1;
    sorted.t[kept] = t[index] as number;
    sorted.v[kept] = v[index] as number;
    kept += 1;
  }
  return { ...sorted, length: kept };
}

/** Two runs that are in order as one. Where both have a sample of one millisecond, that of the newer stays. */
export function merge(older: Samples, newer: Samples): Samples {
  if (older.length === 0) return newer;
  if (newer.length === 0) return older;
  const t = new Float64Array(older.length + newer.length);
  const v = new Float64Array(older.length + newer.length);
  let length = 0;
  let a = 0;
  let b = 0;
  while (a < older.length || b < newer.length) {
    const ta = a < older.length ? (older.t[a] as number) : Infinity;
    const tb = b < newer.length ? (newer.t[b] as number) : Infinity;
    const fromNewer = tb <= ta;
    t[length] = fromNewer ? tb : ta;
    v[length] = (fromNewer ? newer.v[b] : older.v[a]) as number;
    length += 1;
    if (ta <= tb) a += 1;
    if (fromNewer) b += 1;
  }
  return { t, v, length };
}
