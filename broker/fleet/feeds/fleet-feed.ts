import { evFleet, type DeviceDelta, type FleetEvent } from '#firmware-protocol';
import type { KnownDescription } from '../devices/description.ts';
import { together, whole, type Twin } from '../devices/twin.ts';
import { MESSAGE_BYTES, weightOf } from './weight.ts';

/** Consoles are told at most this often, in ms. */
export const FEED_INTERVAL = 100;
/** Devices in one message. */
const MESSAGE_DEVICES = 500;
/** Descriptions that are remembered as told; telling one again is harmless. */
const TOLD = 4_096;

/**
 * Gathers what changed in the fleet, and makes the messages that tell consoles: its size grows with the devices
 * that changed, not with the messages that they sent.
 */
export class FleetFeed {
  readonly #boot: number;
  #seq = 0;
  #flushedAt = 0;
  readonly #changed = new Map<string, DeviceDelta>();
  readonly #gone = new Set<string>();
  #trouble: string | undefined;
  #troubleChanged = false;
  /** Descriptions that consoles got since this hub started, or get with their snapshot. */
  readonly #told = new Set<string>();
  readonly #fresh = new Map<string, KnownDescription>();

  /** @param boot names this run of the hub */
  constructor(boot: number) {
    this.#boot = boot;
  }

  change(delta: DeviceDelta): void {
    this.#gone.delete(delta.did);
    const before = this.#changed.get(delta.did);
    this.#changed.set(delta.did, before ? mergeDeltas(before, delta) : delta);
  }

  describe(description: KnownDescription): void {
    if (this.#told.has(description.key)) return;
    if (this.#told.size >= TOLD) this.#told.clear();
    this.#told.add(description.key);
    this.#fresh.set(description.key, description);
  }

  remove(device: string): void {
    this.#changed.delete(device);
    this.#gone.add(device);
  }

  /** What is wrong with the hub, as a sentence for people, or undefined once nothing is. */
  set trouble(trouble: string | undefined) {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#troubleChanged = true;
  }

  /** The hub's clock was set by so many ms. */
  clockJumped(by: number): void {
    this.#flushedAt += by;
  }

  /** When the next message is due, or undefined where there is nothing to tell. */
  dueAt(): number | undefined {
    const waiting = this.#changed.size + this.#gone.size;
    return waiting === 0 && !this.#troubleChanged ? undefined : this.#flushedAt + FEED_INTERVAL;
  }

  /**
   * The next payload that tells what changed, or undefined where nothing is due. To be called until then: what does
   * not fit one message follows in the next.
   */
  flush(now: number): Uint8Array | undefined {
    const due = this.dueAt();
    if (due === undefined || due > now) return undefined;
    const devs: DeviceDelta[] = [];
    const descs: Uint8Array[] = [];
    let bytes = 0;
    for (const [key, { payload }] of this.#fresh) {
      if (bytes >= MESSAGE_BYTES) break;
      this.#fresh.delete(key);
      descs.push(payload);
      bytes += payload.length;
    }
    for (const [id, delta] of this.#changed) {
      // A description goes out no later than the device that has it.
      if (devs.length >= MESSAGE_DEVICES || bytes >= MESSAGE_BYTES) break;
      this.#changed.delete(id);
      devs.push(delta);
      bytes += weight(delta);
    }
    const gone = [...this.#gone].slice(0, MESSAGE_DEVICES);
    for (const id of gone) this.#gone.delete(id);
    this.#troubleChanged = false;
    if (this.#changed.size + this.#gone.size === 0) this.#flushedAt = now;
    return evFleet.encode({
      ...this.#head(now),
      seq: ++this.#seq,
      devs,
      ...(descs.length > 0 && { descs }),
      ...(gone.length > 0 && { gone }),
    });
  }

  /** The whole fleet as of the last `flush` and what came since, in parts, for one console. */
  snapshot(twins: Iterable<Twin>, now: number): Uint8Array[] {
    const parts: { devs: DeviceDelta[]; descs: Uint8Array[] }[] = [{ devs: [], descs: [] }];
    const included = new Set<string>();
    let bytes = 0;
    for (const twin of twins) {
      let part = parts.at(-1) as (typeof parts)[number];
      if (part.devs.length >= MESSAGE_DEVICES || bytes >= MESSAGE_BYTES) {
        parts.push((part = { devs: [], descs: [] }));
        bytes = 0;
      }
      const delta = whole(twin);
      part.devs.push(delta);
      bytes += weight(delta);
      const { description } = twin;
      if (description && !included.has(description.key)) {
        included.add(description.key);
        part.descs.push(description.payload);
        bytes += description.payload.length;
      }
    }
    return parts.map(({ devs, descs }, at) =>
      evFleet.encode({ ...this.#head(now), seq: this.#seq, devs, descs, part: at, parts: parts.length }),
    );
  }

  #head(now: number): Pick<FleetEvent, 'boot' | 't' | 'msg'> {
    return { boot: this.#boot, t: now, ...(this.#trouble !== undefined && { msg: this.#trouble }) };
  }
}

/** Two changes of one device as one: the later word counts, value by value. */
export function mergeDeltas(before: DeviceDelta, after: DeviceDelta): DeviceDelta {
  const vals = before.vals && after.vals ? together(before.vals, after.vals) : (after.vals ?? before.vals);
  return { ...before, ...after, ...(vals && { vals }) };
}

/** Bytes that the change of one device takes in a message at most, near enough. */
const weight = ({ vals, want }: DeviceDelta): number => 256 + weightOf(vals?.values(), want?.values());
