import type { Fleet } from './fleet/fleet.ts';
import type { Log } from './log/log.ts';
import type { Store } from './store/store.ts';

/** How often to look whether another process changed the store, in ms. */
const INTERVAL = 1_000;

/**
 * Loads the fleet, and from then on keeps it in step with devices that the command line registers or removes. What
 * changes during the load is taken up after it: before, nobody would know the stored twins. Returns what ends it.
 */
export async function loadAndWatch(
  store: Store,
  fleet: Pick<Fleet, 'load' | 'registered'>,
  log: Log,
  now: number,
): Promise<() => void> {
  let seen = await store.foreignVersion();
  await fleet.load(now);

  async function look(): Promise<void> {
    const version = await store.foreignVersion();
    if (version !== seen) fleet.registered(await store.devices());
    seen = version;
  }

  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error('the list of devices could not be read', error));
  }, INTERVAL).unref();
  return () => clearInterval(timer);
}
