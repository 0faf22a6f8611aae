import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { u32, u53 } from '../codec/numbers.ts';

/** Bits of `op`: what the device is to send again. */
export const RESEND = { desc: 1, state: 2, status: 4 } as const;

/** `dn/ctl`: hub time in Unix ms, and what the hub misses. */
export const ctl = message({ name: 'ctl', clause: '6.8', bounds: DEVICE }, { t: u53, op: optional(u32) });

export type Control = MessageType<typeof ctl>;
