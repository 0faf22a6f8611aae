import type { Series } from './series.ts';

/** How many of the last points a sparkline shows. */
export const SPARKLINE_POINTS = 60;

/**
 * The line of the last readings as the `d` of an SVG path in a box of the given size, broken at gaps. A single
 * reading is a short stroke, no reading an empty path.
 */
export function sparklinePath({ times, values }: Series, width: number, height: number): string {
  const from = Math.max(0, values.length - SPARKLINE_POINTS);
  const shown = values.slice(from);
  const known = shown.filter((value) => value !== null);
  if (known.length === 0) return '';

  const low = Math.min(...known);
  const high = Math.max(...known);
  const start = times[from] as number;
  const span = (times.at(-1) as number) - start;
  const x = (at: number) => (span === 0 ? width : (((times[from + at] as number) - start) / span) * width);
  const y = (value: number) => (high === low ? height / 2 : ((high - value) / (high - low)) * height);

  let path = '';
  let joined = false;
  shown.forEach((value, at) => {
    if (value !== null) path += `${joined ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    joined = value !== null;
  });
  return known.length === 1 ? `${path}h-2` : path;
}
