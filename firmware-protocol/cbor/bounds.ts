import { LIMITS } from '../limits.ts';

/** Bounds on the structure of one payload. */
export interface Bounds {
  /** Longest payload accepted, in bytes. */
  readonly bytes: number;
  /** Most data items accepted, nested ones counted. */
  readonly items: number;
}

/** Bounds by the kind of message. */
export const DEVICE: Bounds = { bytes: LIMITS.payloadBytes, items: LIMITS.items };
export const DESCRIPTION: Bounds = { bytes: LIMITS.descBytes, items: LIMITS.descItems };
export const BLOCK: Bounds = { bytes: LIMITS.blockPayloadBytes, items: LIMITS.items };
export const FEED: Bounds = { bytes: LIMITS.feedBytes, items: LIMITS.feedItems };
