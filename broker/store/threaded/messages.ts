import type { Operation } from '../calls.ts';
import type { StoreFault } from '../store-error.ts';

/** What the store's thread is given when it starts. */
export interface ThreadData {
  readonly file: string;
}

/** One call, as the thread gets it. Calls are answered in any order, by their numbers. */
export interface Call {
  readonly number: number;
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/** The last message that the thread gets: it closes the file and ends. */
export const CLOSE = 'close';
export type Request = Call | typeof CLOSE;

export type Outcome =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly fault: StoreFault; readonly problem: string };

/** What the thread tells first: that the file is open, or why the hub cannot start with it. */
export type Opening =
  { readonly opened: true } | { readonly opened: false; readonly problem: string; readonly remedy: string };
