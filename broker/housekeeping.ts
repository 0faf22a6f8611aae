import type { Settings } from './config/settings.ts';
import { OVER } from './fleet/commands/commands.ts';
import { SteadyClock } from './history/steady-clock.ts';
import type { Log } from './log/log.ts';
import type { Store } from './store/store.ts';

/** How often it is looked for what is kept no longer, in ms. */
const INTERVAL = 3_600_000;
const DAY = 86_400_000;

/**
 * Removes from the store what is older than the settings say: at the start and every hour, in small steps, so that
 * nobody waits for it. Returns what ends it.
 * @param now in Unix ms, of a clock that may be set
 * @param monotonic in ms, of one that never is
 */
export function keepHouse(
  store: Store,
  { commandDays, eventDays, auditDays }: Settings['keep'],
  now: () => number,
  log: Log,
  monotonic: () => number = () => performance.now(),
): () => Promise<void> {
  const steady = new SteadyClock();
  let ended = false;
  let under: Promise<void> = Promise.resolve();

  async function clear(): Promise<void> {
    const time = steady.time(now(), monotonic());
    const bygone = {
      access: time,
      commands: time - commandDays * DAY,
      happenings: time - eventDays * DAY,
      audit: time - auditDays * DAY,
    };
    let gone = 0;
    for (let some = -1; some !== 0 && !ended; gone += some) some = await store.prune(bygone, OVER);
    if (gone > 0) log.debug(`${gone} rows that were older than the settings say are gone`);
  }

  const look = (): void => {
    under = clear().catch((error: unknown) => log.warn(`what is old could not be removed: ${String(error)}`));
  };
  look();
  const timer = setInterval(look, INTERVAL).unref();
  return () => {
    ended = true;
    clearInterval(timer);
    return under;
  };
}
