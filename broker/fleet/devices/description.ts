import { createHash } from 'node:crypto';
import { desc, type Description } from '#firmware-protocol';

/** A device description as it was received, decoded once and shared by all devices that send the same. */
export interface KnownDescription {
  /** First 8 bytes of the payload's SHA-256. */
  readonly hash: Uint8Array;
  /** The same in hex. */
  readonly key: string;
  readonly payload: Uint8Array;
  readonly value: Description;
}

/** Descriptions that are kept by hash; twins keep their own whatever happens here. */
const KEPT = 4_096;

/** Descriptions by hash. A fleet of ten thousand alike keeps one. */
export class Descriptions {
  readonly #known = new Map<string, KnownDescription>();

  /** @throws ProtocolError where the payload is not a description */
  learn(payload: Uint8Array): KnownDescription {
    const hash = new Uint8Array(createHash('sha256').update(payload).digest().subarray(0, 8));
    const key = hashKey(hash);
    let known = this.#known.get(key);
    if (!known) {
      known = { hash, key, payload: new Uint8Array(payload), value: desc.decode(payload) };
      const [oldest] = this.#known.keys();
      if (this.#known.size >= KEPT && oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(key, known);
    }
    return known;
  }

  find(hash: Uint8Array): KnownDescription | undefined {
    return this.#known.get(hashKey(hash));
  }
}

export const hashKey = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
