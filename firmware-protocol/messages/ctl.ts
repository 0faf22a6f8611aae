import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
import { u32, u53 } from '../fields.ts';
import { message, type MessageType } from '../message.ts';

/** Bits of `op`: what the device is to send again. */
export const RESEND = { desc: 1, state: 2, status: 4 } as const;

/** `dn/ctl`: hub time in Unix ms, and what the hub misses. */
export const ctl = message('ctl', DEVICE, { t: u53, op: z.optional(u32) });

export type Control = MessageType<typeof ctl>;
