import type { CborBounds } from './cbor.ts';
import { LIMITS } from './limits.ts';

/** Bounds by the kind of message. */
export const DEVICE: CborBounds = { bytes: LIMITS.payloadBytes, items: LIMITS.items };
export const DESCRIPTION: CborBounds = { bytes: LIMITS.descBytes, items: LIMITS.descItems };
export const FEED: CborBounds = { bytes: LIMITS.feedBytes, items: LIMITS.feedItems };
