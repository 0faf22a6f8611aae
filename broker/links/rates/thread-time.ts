/** How old an answer may be, in ms: to ask the system costs as much as to read several packets. */
const FRESH = 1;

let asked = -Infinity;
let had = 0;

/**
 * What this thread has had of the processor, in ms, as it was `FRESH` ms ago or later.
 * @param now the time in ms, of a clock that is never set
 */
export function threadTime(now: number): number {
  if (now - asked < FRESH) return had;
  const { user, system } = process.threadCpuUsage();
  asked = now;
  had = (user + system) / 1_000;
  return had;
}
