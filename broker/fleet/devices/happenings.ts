import { AWAITED, STATUS, type Value, type Values } from '#firmware-protocol';
import type { HappeningRecord } from '../../store/journal.ts';
import type { FleetPorts } from '../ports.ts';

/** What happened is saved together, this often, in ms. */
const SAVE_INTERVAL = 1_000;
/** How many wait at most while the store fails; then the oldest go. */
const MOST_WAITING = 10_000;

/** The words for a presence in a device's timeline. `AWAITED` has none: nothing has happened to the device. */
const PRESENCE: ReadonlyMap<number, string> = new Map([
  [STATUS.lost, 'lost'],
  [STATUS.online, 'online'],
  [STATUS.sleeping, 'sleeping'],
  [STATUS.updating, 'updating'],
  [STATUS.bye, 'left'],
]);

/** What happens to devices, on its way to their timelines. */
export class Happenings {
  readonly #ports: FleetPorts;
  #waiting: HappeningRecord[] = [];
  #savedAt = 0;
  #saving = false;
  #dropped = 0;

  constructor(ports: FleetPorts) {
    this.#ports = ports;
  }

  /** A device is there, or is not, otherwise than before. It stayed if the hub only waited for it. */
  presence(device: string, before: number, st: number, t: number, why?: string): void {
    const state = PRESENCE.get(st);
    if (st === before || state === undefined || (before === AWAITED && st === STATUS.online)) return;
    this.#add({
      device,
      t,
      kind: 'presence',
      data: JSON.stringify({ state, ...(why !== undefined && { why }) }),
    });
  }

  event(device: string, vals: Values, msg: string | undefined, t: number): void {
    const told = Object.fromEntries([...vals].map(([pid, value]) => [pid, readable(value)]));
    this.#add({
      device,
      t,
      kind: 'event',
      data: JSON.stringify({ vals: told, ...(msg !== undefined && { msg }) }),
    });
  }

  dueAt(): number | undefined {
    return this.#waiting.length > 0 && !this.#saving ? this.#savedAt + SAVE_INTERVAL : undefined;
  }

  async save(now: number): Promise<void> {
    if (this.#waiting.length === 0 || this.#saving) return;
    const saved = this.#waiting;
    this.#waiting = [];
    this.#savedAt = now;
    this.#saving = true;
    try {
      await this.#ports.store.saveHappenings(saved);
    } catch (error) {
      this.#waiting = [...saved, ...this.#waiting];
      this.#bound();
      const lost = this.#dropped > 0 ? `, and ${this.#dropped} of the oldest were dropped` : '';
      this.#ports.log.warnLimited(
        'happenings',
        `what happened to devices could not be stored; ${this.#waiting.length} entries wait${lost}: ${String(error)}`,
      );
    } finally {
      this.#saving = false;
      this.#ports.wake();
    }
  }

  #add(happening: HappeningRecord): void {
    this.#waiting.push(happening);
    this.#bound();
    this.#ports.wake();
  }

  #bound(): void {
    const excess = this.#waiting.length - MOST_WAITING;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    this.#dropped += excess;
  }
}

const readable = (value: Value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
