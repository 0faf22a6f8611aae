import { evFleet, type DeviceDelta } from '#firmware-protocol';
import type { KnownDescription } from '../devices/description.ts';
import { together, type Twin } from '../devices/twin.ts';
import { MESSAGE_BYTES } from './weight.ts';
import { MESSAGE_DEVICES, weightOfDevice, WholeFleet, type FeedHead } from './whole-fleet.ts';

/** Consoles are told at most this often, in ms. */
export const FEED_INTERVAL = 100;
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
  /** What was told last to a console that had just come. */
  #whole: WholeFleet | undefined;

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
      bytes += weightOfDevice(delta);
    }
    const gone = [...this.#gone].slice(0, MESSAGE_DEVICES);
    for (const id of gone) this.#gone.delete(id);
    this.#troubleChanged = false;
    if (this.#changed.size + this.#gone.size === 0) this.#flushedAt = now;
    this.#seq += 1;
    return evFleet.encode({
      ...this.#head(now),
      devs,
      ...(descs.length > 0 && { descs }),
      ...(gone.length > 0 && { gone }),
    });
  }

  /**
   * The whole fleet for one console, in parts that are made as they are asked for. It is as of the last `flush`, and what
   * came since is in it or follows with the next one: those who come before that get the same.
   */
  snapshot(twins: Iterable<Twin>, now: number): Iterable<Uint8Array> {
    const { seq, t } = this.#whole?.head ?? {};
    const isCurrent = seq === this.#seq && t !== undefined && t <= now && now < t + FEED_INTERVAL;
    if (!this.#whole || !isCurrent) this.#whole = new WholeFleet(this.#head(now), twins);
    return this.#whole;
  }

  #head(now: number): FeedHead {
    return {
      boot: this.#boot,
      seq: this.#seq,
      t: now,
      ...(this.#trouble !== undefined && { msg: this.#trouble }),
    };
  }
}

/** Two changes of one device as one: the later word counts, value by value. */
export function mergeDeltas(before: DeviceDelta, after: DeviceDelta): DeviceDelta {
  const vals = before.vals && after.vals ? together(before.vals, after.vals) : (after.vals ?? before.vals);
  return { ...before, ...after, ...(vals && { vals }) };
}
