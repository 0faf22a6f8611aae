import type { Buckets } from './buckets.ts';
import type { Page, Resolution } from './export-page.ts';
import type { NamedSeries } from './keeper.ts';
import type { Grid } from './resolution.ts';
import type { Keep } from './retention.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly keep: Keep;
}

/** What can be asked of the thread. Series go by their numbers; times are Unix time in ms. */
export type Question =
  | {
      readonly kind: 'query';
      readonly series: readonly number[];
      readonly from: number;
      readonly to: number;
      readonly points: number;
      readonly now: number;
    }
  | {
      readonly kind: 'page';
      readonly series: number;
      readonly from: number;
      readonly to: number;
      readonly resolution: Resolution;
    }
  | { readonly kind: 'remove'; readonly series: readonly number[] }
  /** Stores what has come and moves all that is old. */
  | { readonly kind: 'settle'; readonly now: number }
  | { readonly kind: 'flush' }
  | { readonly kind: 'close' };

/** The answers, in the order of `Question`. */
export interface Answers {
  query: { readonly grid: Grid; readonly buckets: readonly Buckets[] };
  page: Page;
  remove: null;
  settle: null;
  flush: null;
  close: null;
}

export type ToThread =
  | {
      readonly kind: 'batch';
      /** That of the file for which series got their numbers. */
      readonly generation: number;
      readonly series: readonly NamedSeries[];
      readonly buffer: ArrayBuffer;
      readonly length: number;
    }
  | { readonly kind: 'tick'; readonly now: number }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question };

export interface ThreadState {
  /** Samples that were taken over since the start, whether they could be kept or not. */
  readonly taken: number;
  /** Those of them that are lost. */
  readonly lost: number;
  /** Samples on the disk one by one. */
  readonly samples: number;
  /** Length of the file. */
  readonly bytes: number;
  /** Share of its time, from 0 to 1, that the thread was busy since it said so last. */
  readonly load: number;
  /** Why nothing can be stored right now. */
  readonly problem: string | undefined;
}

export type FromThread =
  | {
      /** A file is in use: at the start, and where a new one had to be begun. */
      readonly kind: 'opened';
      readonly generation: number;
      readonly series: readonly NamedSeries[];
      /** Where the file before was moved, and why. */
      readonly moved: { readonly to: string; readonly reason: string } | undefined;
    }
  /** A buffer to be filled again. */
  | { readonly kind: 'buffer'; readonly buffer: ArrayBuffer }
  | { readonly kind: 'state'; readonly state: ThreadState }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string };
