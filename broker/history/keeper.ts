import type { Batch } from './batch.ts';
import type { Buckets } from './buckets.ts';
import { decodeJournalRow, encodeJournalRow } from './codec/journal-row.ts';
import { exportPage, type Page, type Resolution } from './export-page.ts';
import { fold } from './fold.ts';
import type { HistoryFile, StoredSeries } from './history-file.ts';
import { Pending } from './pending.ts';
import { readGrid } from './read.ts';
import type { Grid } from './resolution.ts';
import type { Horizons } from './retention.ts';
import { rollUp } from './roll-up.ts';

/** A series and the number that stands for it. */
export type NamedSeries = Omit<StoredSeries, 'folded'>;

/** What has come and is not in the file yet: kept as it will be written, which is short. */
interface Unstored {
  series: readonly NamedSeries[];
  readonly row: Uint8Array;
  readonly samples: number;
}

/** Rows that go to the file in one transaction at most. */
const ROWS_AT_ONCE = 256;

/** Keeps samples in a file: first in its journal, later in chunks, at last in minutes and hours. */
export class Keeper {
  readonly #file: HistoryFile;
  readonly #pending = new Pending();
  readonly #unstored: Unstored[] = [];
  /** By series: the last row of the journal whose samples are in chunks. */
  readonly #folded = new Map<number, number>();
  #seq = 0;
  #horizons: Horizons | undefined;
  /** Series that have not been looked at since the horizons moved. */
  #toRollUp: number[] = [];

  /**
   * Takes from the journal what is not in chunks.
   *
   * @param now in ms of a clock that never jumps, as everywhere here unless Unix time is said
   * @throws the errors of SQLite
   */
  constructor(file: HistoryFile, now: number) {
    this.#file = file;
    for (const { id, folded } of file.series()) {
      this.#folded.set(id, folded);
      this.#seq = Math.max(this.#seq, folded);
    }
    for (const { seq, data } of file.journal()) {
      this.#seq = Math.max(this.#seq, seq);
      const batch = readJournalRow(data);
      if (batch) this.#pending.add(batch, seq, (series) => (this.#folded.get(series) ?? Infinity) < seq, now);
    }
  }

  /** Samples that are on the disk one by one. */
  get samples(): number {
    return this.#file.samples + this.#pending.count;
  }

  /** Whether everything that came is in the file. */
  get stored(): boolean {
    return this.#unstored.length === 0;
  }

  /** Takes a batch, and the series that begin with it; the next `store` writes them. */
  receive(series: readonly NamedSeries[], batch: Batch): void {
    this.#unstored.push({ series, row: encodeJournalRow(batch), samples: batch.length });
  }

  /**
   * Writes what has come and, while `hasTimeToFold`, moves samples that have been in the journal long enough into
   * chunks: in one transaction. Where that fails everything is as before, and the next call tries again.
   *
   * @returns how many samples have been stored
   * @throws the errors of SQLite
   */
  store(now: number, hasTimeToFold?: () => boolean): number {
    const coming = this.#unstored.slice(0, ROWS_AT_ONCE);
    const due = hasTimeToFold ? this.#pending.due(now) : [].values();
    const first = due.next();
    if (coming.length === 0 && first.done) return 0;
    const folded = new Set<number>();
    // What is more than fits into memory does not wait for time.
    const hasTime = this.#pending.crowded ? () => true : hasTimeToFold;
    this.#file.together(() => {
      coming.forEach(({ series, row }, index) => {
        for (const named of series) this.#file.addSeries({ ...named, folded: this.#seq });
        this.#file.addToJournal(this.#seq + 1 + index, row);
      });
      for (let next = first; !next.done && (folded.size === 0 || hasTime?.()); next = due.next()) {
        fold(this.#file, next.value, this.#pending.of(next.value));
        this.#file.setFolded(next.value, this.#seq);
        folded.add(next.value);
      }
      if (folded.size > 0) this.#file.dropJournalBefore(this.#pending.oldestSeq(folded) ?? this.#seq + 1);
    });
    for (const series of folded) {
      this.#pending.drop(series);
      this.#folded.set(series, this.#seq);
    }
    return this.#taken(this.#unstored.splice(0, coming.length), now);
  }

  /** Moves what has become old to the next level, while `hasTime`, and gives back room. @throws the errors of SQLite */
  retain(horizons: Horizons, hasTime: () => boolean): void {
    const before = this.#horizons;
    if (before?.raw !== horizons.raw || before.minute !== horizons.minute || before.hour !== horizons.hour) {
      this.#horizons = horizons;
      this.#toRollUp = [...this.#folded.keys()];
    }
    if (this.#toRollUp.length > 0) {
      const done = this.#file.together(() => this.#rollUp(horizons, hasTime));
      this.#toRollUp.length -= done;
    }
    this.#file.shrink();
  }

  /** Whether everything that is old is where it belongs. */
  get retained(): boolean {
    return this.#toRollUp.length === 0;
  }

  query(series: number, grid: Grid): Buckets {
    return readGrid(this.#file, series, this.#pending.of(series), grid);
  }

  page(series: number, from: number, to: number, resolution: Resolution): Page {
    return exportPage(this.#file, series, this.#pending.of(series), from, to, resolution);
  }

  /** Removes series with all that they have. @throws the errors of SQLite; nothing is removed then */
  remove(series: readonly number[]): void {
    this.#file.together(() => {
      for (const id of series) this.#file.removeSeries(id);
    });
    const removed = new Set(series);
    for (const id of removed) {
      this.#pending.drop(id);
      this.#folded.delete(id);
    }
    for (const unstored of this.#unstored) {
      unstored.series = unstored.series.filter(({ id }) => !removed.has(id));
    }
  }

  /** From the last series on; returns how many have nothing left to do. */
  #rollUp(horizons: Horizons, hasTime: () => boolean): number {
    let done = 0;
    do {
      const series = this.#toRollUp.at(-1 - done) as number;
      if (!rollUp(this.#file, series, horizons)) done += 1;
    } while (done < this.#toRollUp.length && hasTime());
    return done;
  }

  #taken(rows: readonly Unstored[], now: number): number {
    let stored = 0;
    for (const { series, row, samples } of rows) {
      for (const { id } of series) this.#folded.set(id, this.#seq);
      this.#seq += 1;
      this.#pending.add(decodeJournalRow(row), this.#seq, (id) => this.#folded.has(id), now);
      stored += samples;
    }
    return stored;
  }
}

function readJournalRow(data: Uint8Array): Batch | undefined {
  try {
    return decodeJournalRow(data);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
