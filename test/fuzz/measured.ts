/** What a hub's process is, in bytes and ms. */
export interface Measured {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
  /** Longest delay of the event loop since it was last asked, by the clock. */
  readonly longestDelay: number;
  /** Longest turn of the event loop since then, in time of the CPU: what other programs took does not count. */
  readonly longestTurn: number;
}

/** What `inside-hub.ts` is asked by the IPC channel, and answers with what it has measured. */
export const QUESTION = { type: 'measure' } as const;
