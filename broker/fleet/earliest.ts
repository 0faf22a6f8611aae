/** The earliest of some times, of which any may be never. */
export function earliest(times: Iterable<number | undefined>): number | undefined {
  let first: number | undefined;
  for (const time of times) if (time !== undefined && time < (first ?? Infinity)) first = time;
  return first;
}
