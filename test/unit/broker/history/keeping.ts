import { batchBytes, batchOver, type Batch } from '#broker/history/batch.ts';
import { HistoryFile } from '#broker/history/history-file.ts';
import { Keeper } from '#broker/history/keeper.ts';
import { horizonsAt } from '#broker/history/retention.ts';

export interface Sample {
  readonly series: number;
  readonly t: number;
  readonly v: number;
}

export function batchOf(samples: readonly Sample[]): Batch {
  const batch = batchOver(new ArrayBuffer(batchBytes(Math.max(1, samples.length))), samples.length);
  samples.forEach(({ series, t, v }, index) => {
    batch.series[index] = series;
    batch.t[index] = t;
    batch.v[index] = v;
  });
  return batch;
}

export const KEEP = { rawHours: 24, minuteDays: 31, hourDays: 366 };

const always = (): boolean => true;

/** Past what samples wait in the journal. */
const LATER = 6 * 60_000;

/** A keeper over a file, told the time, that can be taken apart and begun again as a crash would. */
export class Kept {
  readonly #path: string;
  #named = new Set<number>();
  #file: HistoryFile;
  keeper: Keeper;
  now = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = new HistoryFile(path);
    this.keeper = new Keeper(this.#file, this.now);
  }

  get file(): HistoryFile {
    return this.#file;
  }

  receive(samples: readonly Sample[]): void {
    const begun = [...new Set(samples.map(({ series }) => series))].filter((id) => !this.#named.has(id));
    for (const id of begun) this.#named.add(id);
    this.keeper.receive(
      begun.map((id) => ({ id, device: 'lamp', pid: id })),
      batchOf(samples),
    );
  }

  store(): void {
    this.keeper.store(this.now, always);
  }

  /** Stores what has come and moves everything that is in the journal into chunks. */
  fold(): void {
    this.store();
    this.now += LATER;
    this.store();
  }

  /** Moves the series that waits longest into chunks, and leaves the others. */
  foldOne(): void {
    this.now += LATER;
    this.keeper.store(this.now, () => false);
  }

  /** Moves all that is old at a Unix time in ms to where it belongs. */
  retain(now: number): void {
    do this.keeper.retain(horizonsAt(now, KEEP), always);
    while (!this.keeper.retained);
  }

  /** As after a crash: only the file is left. */
  reopen(): void {
    this.#file.close();
    this.#file = new HistoryFile(this.#path);
    this.keeper = new Keeper(this.#file, this.now);
    this.#named = new Set(this.#file.series().map(({ id }) => id));
  }

  /** Everything of a series one by one. */
  all(series: number): [t: number, v: number][] {
    const found: [number, number][] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const page = this.keeper.page(series, from, 2 ** 42 - 1, 'raw');
      const { t, v } = page.samples ?? { t: [], v: [] };
      found.push(...Array.from(t, (time, index): [number, number] => [time, v[index] as number]));
      from = page.next;
    }
    return found;
  }

  close(): void {
    this.#file.close();
  }
}
