import type { DeviceDelta, Values } from '#firmware-protocol';
import type { DeviceLabels, DeviceRecord } from '../../store/registry.ts';
import type { TwinRecord } from '../../store/twins.ts';
import { earliest } from '../earliest.ts';
import type { FleetFeed } from '../feeds/fleet-feed.ts';
import type { FleetPorts } from '../ports.ts';
import { Descriptions } from './description.ts';
import { labelled, newTwin, whole, type Change, type Twin } from './twin.ts';
import { fromRecord, toRecord } from './twin-record.ts';

/** Twins whose state changed are saved together, this often, in ms. */
const SAVE_INTERVAL = 1_000;
/** Those of which only readings changed, which the history has as well, wait longer. */
const READINGS_INTERVAL = 30_000;
/** How many are saved at once, so that a large fleet does not hold up the rest. */
const SAVED_AT_ONCE = 200;

/** All devices of a tenant, as the hub knows them: tells consoles what changes, and saves it. */
export class Twins {
  readonly descriptions = new Descriptions();
  readonly #ports: FleetPorts;
  readonly #feed: FleetFeed;
  readonly #twins = new Map<string, Twin>();
  /** When each device was registered, which tells a device from a later one of the same id. */
  readonly #registeredAt = new Map<string, number>();
  readonly #unsaved = new Set<string>();
  /** Since when only the readings of a device are unsaved; the longest first. */
  readonly #readings = new Map<string, number>();
  #savedAt = 0;
  #saving = false;
  #failing = false;

  constructor(ports: FleetPorts, feed: FleetFeed) {
    this.#ports = ports;
    this.#feed = feed;
  }

  /** Takes up what is stored. */
  async load(): Promise<void> {
    const { store } = this.#ports;
    const records = new Map((await store.twins()).map((record) => [record.device, record]));
    for (const device of await store.devices()) {
      const twin = fromRecord(device, records.get(device.id), this.descriptions);
      this.#twins.set(twin.id, twin);
      this.#registeredAt.set(twin.id, device.createdAt);
      if (twin.description) this.#feed.describe(twin.description);
    }
  }

  /**
   * Takes up what was registered, labelled or removed since, by whatever process: these are all devices. Returns
   * those that have gone.
   */
  registered(devices: readonly DeviceRecord[]): string[] {
    const known = new Set(devices.map(({ id }) => id));
    const gone = [...this.#twins.keys()].filter((id) => !known.has(id));
    for (const id of gone) this.#remove(id);
    return [...gone, ...devices.flatMap((device) => this.register(device))];
  }

  /** Takes up one device as it is registered now. Returns its id where an earlier device of this id has gone. */
  register(device: DeviceRecord): string[] {
    const { id, createdAt } = device;
    const twin = this.#twins.get(id);
    if (twin && this.#registeredAt.get(id) === createdAt) {
      this.label(twin, device);
      return [];
    }
    if (twin) this.#remove(id);
    this.#add(device);
    return twin ? [id] : [];
  }

  /** Whether the store failed when twins were saved last. */
  get failing(): boolean {
    return this.#failing;
  }

  get size(): number {
    return this.#twins.size;
  }

  get(id: string): Twin | undefined {
    return this.#twins.get(id);
  }

  all(): Iterable<Twin> {
    return this.#twins.values();
  }

  label(twin: Twin, labels: DeviceLabels): void {
    if (twin.name === labels.name && twin.place === labels.place && sameTags(twin.tags, labels.tags)) return;
    this.apply(labelled(twin, labels));
  }

  /** A twin has changed, and consoles are to know. */
  apply({ twin, delta }: Change): void {
    this.#set(twin, delta);
    this.#readings.delete(twin.id);
    this.#unsaved.add(twin.id);
  }

  /** Only the latest readings of a twin have changed. */
  applyReadings({ twin, delta }: Change, now: number): void {
    this.#set(twin, delta);
    if (!this.#unsaved.has(twin.id) && !this.#readings.has(twin.id)) this.#readings.set(twin.id, now);
  }

  /** A twin has changed in a way that nobody is told. */
  note(twin: Twin): void {
    this.#twins.set(twin.id, twin);
  }

  /** The hub's clock was set by so many ms. */
  clockJumped(by: number): void {
    this.#savedAt += by;
    for (const [id, since] of this.#readings) this.#readings.set(id, since + by);
  }

  /** When the next ones are to be saved, or undefined. */
  dueAt(): number | undefined {
    if (this.#saving) return undefined;
    const [readings] = this.#readings.values();
    return earliest([
      this.#unsaved.size > 0 ? this.#savedAt + SAVE_INTERVAL : undefined,
      readings === undefined ? undefined : readings + READINGS_INTERVAL,
    ]);
  }

  /**
   * Saves those that are due.
   * @param held says whose is saved otherwise just now, and must not be saved as it is here
   */
  async save(now: number, held: (id: string) => boolean): Promise<void> {
    if (this.#saving || now < (this.dueAt() ?? Infinity)) return;
    const due = now - this.#savedAt >= SAVE_INTERVAL ? [...this.#unsaved] : [];
    for (const [id, since] of this.#readings) {
      if (since + READINGS_INTERVAL > now || due.length >= SAVED_AT_ONCE) break;
      due.push(id);
    }
    const ids = due.filter((id) => !held(id)).slice(0, SAVED_AT_ONCE);
    if (ids.length > 0) await this.#save(ids, now);
    else this.#putOff(due, now);
  }

  /** Saves all that is unsaved. */
  async saveAll(now: number): Promise<void> {
    await this.#save([...this.#unsaved, ...this.#readings.keys()], now);
  }

  /** What may be stored again at any time: the twin of some device, as it is. */
  probe(): { readonly twins: readonly TwinRecord[] } {
    const [twin] = this.#twins.values();
    return { twins: twin ? [toRecord(twin)] : [] };
  }

  record(id: string, change: Partial<Twin>): TwinRecord | undefined {
    const twin = this.#twins.get(id);
    return twin && toRecord({ ...twin, ...change });
  }

  /** All that is due is held: it is looked at again a while later. */
  #putOff(ids: readonly string[], now: number): void {
    for (const id of ids) if (this.#readings.delete(id)) this.#unsaved.add(id);
    this.#savedAt = now;
  }

  async #save(ids: readonly string[], now: number): Promise<void> {
    if (ids.length === 0) return;
    const twins = ids.map((id) => this.#twins.get(id)).filter((twin) => twin !== undefined);
    for (const id of ids) {
      this.#unsaved.delete(id);
      this.#readings.delete(id);
    }
    if (this.#unsaved.size === 0) this.#savedAt = now;
    this.#saving = true;
    try {
      await this.#ports.store.saveTwins(twins.map(toRecord));
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      this.#savedAt = now;
      for (const { id } of twins) this.#unsaved.add(id);
      this.#ports.log.warnLimited(
        'twins',
        `the state of ${twins.length} devices could not be stored; it will be tried again: ${String(error)}`,
      );
    } finally {
      this.#saving = false;
      this.#ports.wake();
    }
  }

  #add(device: DeviceRecord): void {
    const twin = newTwin(device);
    this.#registeredAt.set(twin.id, device.createdAt);
    this.apply({ twin, delta: whole(twin) });
  }

  #remove(id: string): void {
    this.#twins.delete(id);
    this.#registeredAt.delete(id);
    this.#unsaved.delete(id);
    this.#readings.delete(id);
    this.#feed.remove(id);
    this.#ports.wake();
  }

  #set(twin: Twin, delta: DeviceDelta): void {
    this.#twins.set(twin.id, twin);
    this.#feed.change(delta);
    this.#ports.wake();
  }
}

const sameTags = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((tag, at) => tag === b[at]);

/** What of these values the history can keep: numbers, and false and true. */
export function* measurable(vals: Values): Iterable<readonly [number, number | boolean]> {
  for (const [pid, value] of vals) {
    if (typeof value === 'number' || typeof value === 'boolean') yield [pid, value];
  }
}
