import { evFleet, type DeviceDelta, type FleetEvent } from '#firmware-protocol';
import type { KnownDescription } from './description.ts';
import { together, whole, type Twin } from './twin.ts';

/** Consoles are told at most this often, in ms. */
export const FEED_INTERVAL = 100;
/** Devices in one part of a snapshot, and bytes of descriptions after which a part ends. */
const PART_DEVICES = 500;
const PART_DESCRIPTION_BYTES = 262_144;

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
    this.#told.add(description.key);
    this.#fresh.set(description.key, description);
  }

  remove(device: string): void {
    this.#changed.delete(device);
    this.#gone.add(device);
  }

  /** When the next message is due, or undefined where there is nothing to tell. */
  dueAt(): number | undefined {
    return this.#changed.size + this.#gone.size === 0 ? undefined : this.#flushedAt + FEED_INTERVAL;
  }

  /** The payload that tells what changed since the last one, or undefined where it is not yet due. */
  flush(now: number): Uint8Array | undefined {
    const due = this.dueAt();
    if (due === undefined || due > now) return undefined;
    const payload = evFleet.encode({
      ...this.#head(now),
      seq: ++this.#seq,
      devs: [...this.#changed.values()],
      ...(this.#fresh.size > 0 && { descs: [...this.#fresh.values()].map(({ payload }) => payload) }),
      ...(this.#gone.size > 0 && { gone: [...this.#gone] }),
    });
    this.#changed.clear();
    this.#gone.clear();
    this.#fresh.clear();
    this.#flushedAt = now;
    return payload;
  }

  /** The whole fleet as of the last `flush` and what came since, in parts, for one console. */
  snapshot(twins: Iterable<Twin>, now: number): Uint8Array[] {
    const parts: { devs: DeviceDelta[]; descs: Uint8Array[] }[] = [];
    const included = new Set<string>();
    let part = { devs: [] as DeviceDelta[], descs: [] as Uint8Array[] };
    let descriptionBytes = 0;
    parts.push(part);
    for (const twin of twins) {
      if (part.devs.length >= PART_DEVICES || descriptionBytes >= PART_DESCRIPTION_BYTES) {
        parts.push((part = { devs: [], descs: [] }));
        descriptionBytes = 0;
      }
      part.devs.push(whole(twin));
      const { description } = twin;
      if (description && !included.has(description.key)) {
        included.add(description.key);
        part.descs.push(description.payload);
        descriptionBytes += description.payload.length;
      }
    }
    return parts.map(({ devs, descs }, at) =>
      evFleet.encode({ ...this.#head(now), seq: this.#seq, devs, descs, part: at, parts: parts.length }),
    );
  }

  #head(now: number): Pick<FleetEvent, 'boot' | 't'> {
    return { boot: this.#boot, t: now };
  }
}

/** Two changes of one device as one: the later word counts, value by value. */
export function mergeDeltas(before: DeviceDelta, after: DeviceDelta): DeviceDelta {
  const vals = before.vals && after.vals ? together(before.vals, after.vals) : (after.vals ?? before.vals);
  return { ...before, ...after, ...(vals && { vals }) };
}
