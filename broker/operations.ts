import { randomBytes } from 'node:crypto';
import type { FeedChannel } from '#firmware-protocol';
import type { Clock } from './clock.ts';
import { Batches } from './fleet/batches/batches.ts';
import { earliest } from './fleet/earliest.ts';
import type { Fleet } from './fleet/fleet.ts';
import { Pump } from './fleet/pump.ts';
import { Schedules } from './fleet/schedules/schedules.ts';
import { Groups } from './fleet/selection/groups.ts';
import type { Log } from './log/log.ts';
import { onBehalfRefusal, type Somebody } from './permission/on-behalf.ts';
import type { Store } from './store/store.ts';

export interface OperationsOptions {
  readonly store: Store;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this run of the hub, as a u32. */
  readonly boot: number;
  toConsoles(channel: FeedChannel, payload: Uint8Array): void;
}

/** What is done to many devices at once, or at a time: groups, batches and schedules. */
export class Operations {
  readonly groups: Groups;
  readonly batches: Batches;
  readonly schedules: Schedules;
  readonly #pump: Pump;
  #begun = false;

  constructor({ store, fleet, clock, log, boot, toConsoles }: OperationsOptions) {
    const wake = (): void => {
      if (this.#begun) this.#pump.wake();
    };
    const newId = (): Uint8Array => new Uint8Array(randomBytes(8));
    this.groups = new Groups(store, fleet);
    this.batches = new Batches(
      { store, commands: fleet.orders, log, toConsoles, newId, wake },
      fleet,
      this.groups.lookup,
      boot,
    );
    this.schedules = new Schedules({
      store,
      batches: this.batches,
      refusal: async (who, now) => onBehalfRefusal(who, await somebody(store, who), now),
      log,
      newId: () => randomBytes(8).toString('hex'),
      wake,
    });
    this.#pump = new Pump(
      clock.now,
      (now) => earliest([this.batches.run(now), this.schedules.run(now)]),
      (error) => log.error('what was due of batches and schedules could not be done', error),
    );
  }

  /** Takes up what is stored. To be called once the fleet is loaded. */
  async load(now: number): Promise<void> {
    await this.groups.load();
    await this.batches.load(now);
    await this.schedules.load();
  }

  /** Does what is due from now on. To be called once devices can connect: what is due is for them. */
  begin(): void {
    this.#begun = true;
    this.#pump.wake();
  }

  /** A device is no longer registered. */
  removed(device: string): void {
    this.batches.removed(device);
  }

  /**
   * Begins nothing more, and waits for what is on its way to the store. To be called before links are closed: devices
   * that the hub leaves are not offline.
   */
  async close(): Promise<void> {
    this.#pump.stop();
    await this.schedules.idle();
    await this.batches.idle();
  }
}

/** A person or a service by the name that stands in a schedule, or undefined where they were removed. */
async function somebody(
  store: Pick<Store, 'person' | 'service'>,
  name: string,
): Promise<Somebody | undefined> {
  const id = name.replace(/^@/, '');
  return (await store.person(id)) ?? store.service(id);
}
