import type { EndCause } from '../ends.ts';

/** Why a client's bytes are refused. */
export interface Violation {
  readonly cause: EndCause;
  /** One sentence for people, with the clause of MQTT 3.1.1; it fits a close frame. */
  readonly reason: string;
  /** What is to be sent before the link ends. */
  readonly answer?: Uint8Array;
}

/** Bytes that are no packet of MQTT 3.1.1. */
export const malformed = (reason: string): Violation => ({ cause: 'malformed-packet', reason });

/** A packet that is sound, where it may not be [MQTT-4.8.0-1]. */
export const misplaced = (reason: string): Violation => ({ cause: 'protocol-violation', reason });

/** More than this hub takes. */
export const excessive = (reason: string): Violation => ({ cause: 'too-many', reason });
