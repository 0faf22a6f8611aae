import { SERIES_LIMIT } from './history-file.ts';
import type { NamedSeries } from './keeper.ts';

/** Which number stands for which property of which device. */
export class Catalogue {
  readonly #devices = new Map<string, Map<number, number>>();
  #begun: NamedSeries[] = [];
  #next = 1;

  constructor(series: readonly NamedSeries[]) {
    for (const { id, device, pid } of series) {
      this.#of(device).set(pid, id);
      this.#next = Math.max(this.#next, id + 1);
    }
  }

  /** The series of a property, a new one where there is none; undefined where there are too many. */
  series(device: string, pid: number): number | undefined {
    return this.#devices.get(device)?.get(pid) ?? this.#begin(device, pid);
  }

  /** Series by property, in the order of properties. */
  seriesOf(device: string): [pid: number, series: number][] {
    return [...(this.#devices.get(device) ?? [])].sort(([a], [b]) => a - b);
  }

  devices(): string[] {
    return [...this.#devices.keys()].sort();
  }

  remove(device: string): void {
    this.#devices.delete(device);
  }

  /** Series that have begun since this was asked last. */
  takeBegun(): readonly NamedSeries[] {
    if (this.#begun.length === 0) return this.#begun;
    const begun = this.#begun;
    this.#begun = [];
    return begun;
  }

  #begin(device: string, pid: number): number | undefined {
    if (this.#next >= SERIES_LIMIT) return undefined;
    const id = this.#next++;
    this.#of(device).set(pid, id);
    this.#begun.push({ id, device, pid });
    return id;
  }

  #of(device: string): Map<number, number> {
    let series = this.#devices.get(device);
    if (!series) this.#devices.set(device, (series = new Map()));
    return series;
  }
}
