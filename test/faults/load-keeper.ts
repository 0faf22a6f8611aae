import { isOver, STATUS } from '#firmware-protocol';
import type { Rng } from '#device-sim/rng.ts';
import type { Simulated } from '../support/simulator.ts';
import { orderFor, second, type Order } from './load.ts';
import { nameOf, type Watcher } from './watcher.ts';

/** Orders that one device has under way at most: more than one, so that they wait for each other. */
const PER_DEVICE = 3;
/** Longest pause before the next order for a device, in ms. */
const PAUSE_MS = 80;
/** How likely somebody asks a device for something although it is away. */
const ASK_ANYWAY = 0.1;
/** An order of which nothing is heard for so long, in ms, does not keep others back: it went down with the hub. */
const UNHEARD_MS = 2_000;

/** Operators who always have something to ask of each device, as long as there is a hub to ask. */
export class LoadKeeper {
  readonly #watcher: Watcher;
  readonly #rng: Rng;
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  readonly #devices: ReadonlyMap<string, Simulated>;
  readonly #underWay = new Map<string, { order: Order; askedAt: number }>();
  #going = true;
  asked = 0;
  askedAgain = 0;

  constructor(watcher: Watcher, devices: readonly Simulated[], rng: Rng) {
    this.#watcher = watcher;
    this.#rng = rng;
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    watcher.onStep = (device, id, st) => {
      if (!isOver(st)) return;
      this.#underWay.delete(nameOf(device, id));
      this.#soon(device);
    };
    for (const id of this.#devices.keys()) this.#soon(id);
  }

  /**
   * To be called when the hub can be asked again: what has not come to an end is asked for once more, under the same
   * id. It is how somebody finds out what became of it while there was no hub to tell (SPEC.md 6.13).
   */
  resume(): void {
    for (const { order } of this.#underWay.values()) {
      this.askedAgain += 1;
      this.#watcher.ask(order.device, order.channel, order.payload);
    }
    for (const id of this.#devices.keys()) this.#soon(id);
  }

  /** Ends the load. What was asked for and never told does not count: nobody was promised anything. */
  stop(): void {
    this.#going = false;
    for (const pause of this.#pauses.values()) clearTimeout(pause);
  }

  #soon(device: string): void {
    if (!this.#going || this.#pauses.has(device)) return;
    const pause = setTimeout(() => {
      this.#pauses.delete(device);
      this.#ask(device);
    }, this.#rng.next() * PAUSE_MS);
    this.#pauses.set(device, pause);
  }

  #ask(id: string): void {
    const device = this.#devices.get(id);
    if (device === undefined || !this.#watcher.connected || this.#count(id) >= PER_DEVICE) return;
    // Most people leave a device alone that is shown to be away.
    const isThere = this.#watcher.devices.get(id)?.st === STATUS.online;
    if (!isThere && !this.#rng.chance(ASK_ANYWAY)) {
      this.#soon(id);
      return;
    }
    const order = orderFor(device, this.#rng);
    this.#underWay.set(nameOf(id, Buffer.from(order.id).toString('hex')), {
      order,
      askedAt: performance.now(),
    });
    this.asked += 1;
    this.#watcher.ask(id, order.channel, order.payload);
    const again = second(order, this.#rng);
    if (again) this.#watcher.ask(id, again.channel, again.payload);
    this.#soon(id);
  }

  #count(id: string): number {
    const longAgo = performance.now() - UNHEARD_MS;
    let count = 0;
    for (const [name, { order, askedAt }] of this.#underWay) {
      if (order.device === id && (askedAt > longAgo || this.#watcher.commands.has(name))) count += 1;
    }
    return count;
  }
}
