import { evBatch } from '#firmware-protocol';
import type { Batch } from './batch.ts';
import { batchDelta } from './batch-record.ts';

/** Consoles are told at most this often, in ms. */
const FEED_INTERVAL = 100;
/** Batches in one message, so that the largest stay within `LIMITS.feedBytes`. */
const MESSAGE_BATCHES = 500;

/** Makes the messages that tell consoles how far batches are: one entry for each that changed, however many steps. */
export class BatchFeed {
  readonly #boot: number;
  #seq = 0;
  #flushedAt = -Infinity;
  readonly #changed = new Set<Batch>();

  /** @param boot names this run of the hub, as a u32 */
  constructor(boot: number) {
    this.#boot = boot;
  }

  change(batch: Batch): void {
    this.#changed.add(batch);
  }

  dueAt(): number | undefined {
    return this.#changed.size > 0 ? this.#flushedAt + FEED_INTERVAL : undefined;
  }

  /** The next payload, or undefined where nothing is due. To be called until then. */
  flush(now: number): Uint8Array | undefined {
    // Where the clock was set back, the next one would be due after all that time again.
    const waits = now - this.#flushedAt < FEED_INTERVAL && now >= this.#flushedAt;
    if (this.#changed.size === 0 || waits) return undefined;
    const told = [...this.#changed].slice(0, MESSAGE_BATCHES);
    for (const batch of told) this.#changed.delete(batch);
    if (this.#changed.size === 0) this.#flushedAt = now;
    this.#seq += 1;
    return this.#event(told, now);
  }

  /** All there is to know, for one console; one payload at least. */
  snapshot(batches: readonly Batch[], now: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let at = 0; at === 0 || at < batches.length; at += MESSAGE_BATCHES) {
      parts.push(this.#event(batches.slice(at, at + MESSAGE_BATCHES), now));
    }
    return parts;
  }

  #event(batches: readonly Batch[], now: number): Uint8Array {
    const told = batches.map(({ fields, stage, tally }) => batchDelta(fields, stage, tally));
    return evBatch.encode({ boot: this.#boot, seq: this.#seq, t: now, batches: told });
  }
}
