import type { HubKeys } from './auth/keys.ts';
import type { Principal } from './auth/principal.ts';
import { servicePrincipal } from './auth/services.ts';
import { standing, type Known } from './auth/standing.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Log } from './log/log.ts';
import type { MqttBroker } from './mqtt/broker.ts';
import type { AccessChanges } from './mqtt/connecting.ts';
import type { Store } from './store/store.ts';

/** How often to look whether another process changed something, in ms. */
const INTERVAL = 250;

export interface AccessWatchOptions {
  readonly tenant: string;
  readonly store: Store;
  readonly keys: HubKeys;
  readonly fleet: Pick<Fleet, 'load' | 'registered'>;
  readonly links: Pick<MqttBroker, 'present' | 'dismiss' | 'sessionOwners' | 'holdSessions'>;
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
  /** Whether a change was not taken up, since the store failed. */
  #owed = false;
  #looking: Promise<void> | undefined;
  /** The count since which no access token is good that was signed before. */
  #revoked = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AccessWatchOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** Loads the fleet. What changes meanwhile is taken up after it: before, nobody would know the stored twins. */
  async load(now: number): Promise<void> {
    const { store, fleet } = this.#options;
    this.#seen = await store.foreignVersion();
    await fleet.load(now);
  }

  begin(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    }, INTERVAL).unref();
  }

  /** Waits for the look that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** The access of somebody has changed: their links are held to it. */
  changed(whom: Whom): void {
    this.#count += 1;
    this.#holdOrOwe(whom);
  }

  /** Holds somebody to what is stored. That is no change: it must not have others looked at again. */
  lookAgain(who: Principal, asOf: number): void {
    if (asOf < this.#revoked) this.#endTokens((principal) => principal === who);
    this.#holdOrOwe(who);
  }

  /** Devices were registered or removed. Where the store fails they are taken up later: what was done is done. */
  async registryChanged(): Promise<void> {
    this.#count += 1;
    try {
      await this.#takeUpDevices();
    } catch (error) {
      this.#owe('devices that were registered or removed could not be taken up', error);
    }
  }

  #holdOrOwe(whom: Whom): void {
    this.#hold(whom).catch((error: unknown) =>
      this.#owe(`the links of ${whom.id} could not be held to a change of access`, error),
    );
  }

  #owe(what: string, error: unknown): void {
    this.#owed = true;
    this.#options.log.error(`${what}; it will be tried again`, error);
  }

  async #look(): Promise<void> {
    const { store, log } = this.#options;
    await this.#keepKeys();
    try {
      const version = await store.foreignVersion();
      if (version === this.#seen && !this.#owed) return;
      this.#owed = false;
      this.#count += 1;
      await this.#takeUpDevices();
      await this.#hold();
      this.#seen = version;
    } catch (error) {
      this.#owed = true;
      log.warnLimited('access-watch', `who may be here could not be looked up: ${(error as Error).message}`);
    }
  }

  /** Keys that cannot be read or written keep nobody from being looked at. */
  async #keepKeys(): Promise<void> {
    const { keys, log, now } = this.#options;
    try {
      if (await keys.reload()) {
        this.#count += 1;
        this.#revoked = this.#count;
        this.#endTokens(() => true);
      }
      if (keys.isOld(now())) await keys.rotate(now());
    } catch (error) {
      log.warnLimited('keys', `the hub's keys could not be renewed: ${(error as Error).message}`);
    }
  }

  async #takeUpDevices(): Promise<void> {
    const { store, fleet } = this.#options;
    fleet.registered(await store.devices());
  }

  /** Ends links that were made with access tokens. Whoever still has a session comes back with another one. */
  #endTokens(isMeant: (principal: Principal) => boolean): void {
    this.#options.links.dismiss((principal) =>
      principal.kind === 'person' && isMeant(principal) ? 'all access tokens were revoked' : undefined,
    );
  }

  async #hold(whom?: Whom): Promise<void> {
    const { links } = this.#options;
    const present = links.present(whom);
    if (present.length > 0) await this.#holdLinks(present);
    if (whom === undefined || whom.kind === 'service') await this.holdSessions();
  }

  async #holdLinks(present: readonly Principal[]): Promise<void> {
    const known = await this.#known(present);
    // Nothing was looked up for those who came meanwhile.
    const looked = new Set(present);
    this.#options.links.dismiss((principal) =>
      looked.has(principal) ? standing(principal, known) : undefined,
    );
    // A device that was let in while it was removed has been introduced to the fleet after it.
    const isGone = ({ kind, id }: Principal): boolean => kind === 'device' && !known.devices.has(id);
    if (present.some(isGone)) await this.#takeUpDevices();
  }

  /** Holds the sessions that services keep to what these are now, whether they are there or away. */
  async holdSessions(): Promise<void> {
    const { store, links, tenant } = this.#options;
    const owners = links.sessionOwners();
    if (owners.size === 0) return;
    const services = (await store.services()).filter(({ disabled }) => !disabled);
    links.holdSessions(
      owners,
      services.map((service) => servicePrincipal(service, tenant)),
    );
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
