import type { Fleet } from './fleet/fleet.ts';
import type { Log } from './log/log.ts';
import type { Store } from './store/store.ts';

/** How often to look whether another process changed the store, in ms. */
const INTERVAL = 1_000;

/**
 * Keeps the fleet in step with devices that the command line registers or removes while the hub runs. To be started
 * before the fleet is loaded, so that nothing falls in between. Returns what ends it.
 */
export async function watchRegistry(store: Store, fleet: Fleet, log: Log): Promise<() => void> {
  let seen = await store.foreignVersion();

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
