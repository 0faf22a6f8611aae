import type { BatchEvent } from '#firmware-protocol';
import { batchFromDelta, type Batch } from './batch.ts';

/** Running batches and the latest others, as the hub tells of them. */
export class Batches {
  #byId: ReadonlyMap<string, Batch> = $state.raw(new Map());

  /** The latest first. */
  readonly list: readonly Batch[] = $derived([...this.#byId.values()].sort((a, b) => b.since - a.since));

  readonly running: number = $derived(this.list.filter(({ state }) => state === 'running').length);

  get(id: string): Batch | undefined {
    return this.#byId.get(id);
  }

  take({ batches }: BatchEvent): void {
    if (batches.length === 0) return;
    this.put(batches.map(batchFromDelta));
  }

  /** What the API told. It does not undo what the feed has told since. */
  put(batches: readonly Batch[]): void {
    const newer = batches.filter(({ id, at }) => at >= (this.#byId.get(id)?.at ?? 0));
    this.#byId = new Map([...this.#byId, ...newer.map((batch) => [batch.id, batch] as const)]);
  }

  clear(): void {
    this.#byId = new Map();
  }
}
