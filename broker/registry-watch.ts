import type { Fleet } from './fleet/fleet.ts';
import type { Log } from './log/log.ts';
import type { Store } from './store/store.ts';

/** How often to look whether another process changed the store, in ms. */
const INTERVAL = 1_000;

/**
 * Keeps the fleet in step with devices that the command line registers or removes while the hub runs. Returns what
 * ends it.
 */
export function watchRegistry(store: Store, fleet: Fleet, log: Log): () => void {
  let seen: number | undefined;

  async function look(): Promise<void> {
    const version = await store.foreignVersion();
    if (seen !== undefined && version !== seen) fleet.registered(await store.devices());
    seen = version;
  }

  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error('the list of devices could not be read', error));
  }, INTERVAL).unref();
  return () => clearInterval(timer);
}
