import { evFleet, type DeviceDelta, type FleetEvent } from '#firmware-protocol';
import { whole, type Twin } from '../devices/twin.ts';
import { MESSAGE_BYTES, weightOf } from './weight.ts';

/** Devices in one message. */
export const MESSAGE_DEVICES = 500;

interface Part {
  readonly twins: Twin[];
  readonly descs: Uint8Array[];
}

/** What messages of the fleet feed have in common. */
export type FeedHead = Pick<FleetEvent, 'boot' | 'seq' | 't' | 'msg'>;

/**
 * The whole fleet as of one moment, in messages. Each is encoded when it is asked for, and once for all who ask: a large
 * fleet takes long, and consoles come back all at once.
 */
export class WholeFleet implements Iterable<Uint8Array> {
  readonly head: FeedHead;
  readonly #parts: readonly Part[];
  readonly #encoded: Uint8Array[] = [];

  constructor(head: FeedHead, twins: Iterable<Twin>) {
    this.head = head;
    this.#parts = partsOf(twins);
  }

  *[Symbol.iterator](): Iterator<Uint8Array> {
    for (const at of this.#parts.keys()) yield (this.#encoded[at] ??= this.#encode(at));
  }

  #encode(at: number): Uint8Array {
    const { twins, descs } = this.#parts[at] as Part;
    return evFleet.encode({
      ...this.head,
      devs: twins.map(whole),
      descs,
      part: at,
      parts: this.#parts.length,
    });
  }
}

/** Twins do not change, but are replaced: these stay what they are now. */
function partsOf(twins: Iterable<Twin>): Part[] {
  const parts: Part[] = [{ twins: [], descs: [] }];
  const included = new Set<string>();
  let bytes = 0;
  for (const twin of twins) {
    let part = parts.at(-1) as Part;
    if (part.twins.length >= MESSAGE_DEVICES || bytes >= MESSAGE_BYTES) {
      parts.push((part = { twins: [], descs: [] }));
      bytes = 0;
    }
    part.twins.push(twin);
    bytes += weightOfDevice(twin);
    const { description } = twin;
    if (description && !included.has(description.key)) {
      included.add(description.key);
      part.descs.push(description.payload);
      bytes += description.payload.length;
    }
  }
  return parts;
}

/** Bytes that a device, or a change of it, takes in a message at most, near enough. */
export const weightOfDevice = ({ vals, want }: Pick<DeviceDelta, 'vals' | 'want'>): number =>
  256 + weightOf(vals?.values(), want?.values());
