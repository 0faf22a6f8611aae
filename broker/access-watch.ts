import type { HubKeys } from './auth/keys.ts';
import type { Principal } from './auth/principal.ts';
import { standing, type Known } from './auth/standing.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Log } from './log/log.ts';
import type { AccessChanges, MqttBroker } from './mqtt/broker.ts';
import type { Store } from './store/store.ts';

/** How often to look whether another process changed something, in ms. */
const INTERVAL = 250;

export interface AccessWatchOptions {
  readonly store: Store;
  readonly keys: HubKeys;
  readonly fleet: Pick<Fleet, 'load' | 'registered'>;
  readonly links: Pick<MqttBroker, 'present' | 'dismiss'>;
  readonly log: Log;
  /** The hub's time, in Unix ms. */
  readonly now: () => number;
}

/** Whose access has changed. */
export type Whom = Pick<Principal, 'kind' | 'id'>;

/**
 * Keeps the hub in step with what is stored of devices, people and services, whichever process changed it: whoever may
 * not be here any longer loses their links.
 */
export class AccessWatch implements AccessChanges {
  readonly #options: AccessWatchOptions;
  #seen = 0;
  #count = 0;
  /** The count since which no access token is good that was signed before. */
  #revoked = 0;
  #looking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AccessWatchOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  lookAgain(who: Principal, asOf: number): void {
    if (asOf < this.#revoked) this.#endTokens((principal) => principal === who);
    this.changed(who);
  }

  /** Loads the fleet. What changes meanwhile is taken up after it: before, nobody would know the stored twins. */
  async load(now: number): Promise<void> {
    const { store, fleet } = this.#options;
    this.#seen = await store.foreignVersion();
    await fleet.load(now);
  }

  begin(): void {
    this.#timer = setInterval(() => void this.#tick(), INTERVAL).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The access of somebody has changed: their links are held to it. */
  changed(whom: Whom): void {
    this.#hold(whom).catch((error: unknown) =>
      this.#options.log.error(`the links of ${whom.id} could not be held to a change of access`, error),
    );
  }

  /** Devices were registered or removed. */
  async registryChanged(): Promise<void> {
    const { store, fleet } = this.#options;
    fleet.registered(await store.devices());
  }

  async #tick(): Promise<void> {
    const { store, keys, log, now } = this.#options;
    if (this.#looking) return;
    this.#looking = true;
    try {
      if (await keys.reload()) {
        this.#count += 1;
        this.#revoked = this.#count;
        this.#endTokens(() => true);
      }
      if (keys.isOld(now())) await keys.rotate(now());
      const version = await store.foreignVersion();
      if (version === this.#seen) return;
      await this.registryChanged();
      await this.#hold();
      this.#seen = version;
    } catch (error) {
      log.warnLimited('access-watch', `who may be here could not be looked up: ${(error as Error).message}`);
    } finally {
      this.#looking = false;
    }
  }

  /** Ends links that were made with access tokens. Whoever still has a session comes back with another one. */
  #endTokens(isMeant: (principal: Principal) => boolean): void {
    this.#options.links.dismiss((principal) =>
      principal.kind === 'person' && isMeant(principal) ? 'all access tokens were revoked' : undefined,
    );
  }

  async #hold(whom?: Whom): Promise<void> {
    const { links } = this.#options;
    this.#count += 1;
    const present = links.present(whom);
    if (present.length === 0) return;
    const known = await this.#known(present);
    // Nothing was looked up for those who came meanwhile.
    const looked = new Set(present);
    links.dismiss((principal) => (looked.has(principal) ? standing(principal, known) : undefined));
  }

  async #known(present: readonly Principal[]): Promise<Known> {
    const { store } = this.#options;
    const idsOf = (kind: Principal['kind']): string[] =>
      present.filter((principal) => principal.kind === kind).map(({ id }) => id);
    const [devices, services, people, sessions] = await Promise.all([
      store.standings(idsOf('device')),
      store.services(),
      store.people(),
      store.sessions(),
    ]);
    return {
      devices: new Map(devices.map((device) => [device.device, device])),
      services: new Map(services.map((service) => [service.id, service])),
      people: new Map(people.map((person) => [person.id, person])),
      sessions: new Map(sessions.map((session) => [session.sid, session])),
    };
  }
}
