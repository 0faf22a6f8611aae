import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
import { h8, range, u32 } from '../fields.ts';
import { message, type MessageType } from '../message.ts';

/** What a device says of itself; `lost` is what its will says for it. */
export const STATUS = { lost: 0, online: 1, sleeping: 2, updating: 3, bye: 4 } as const;

/** `up/status`: retained, QoS 1, also the will. `boot` and `sess` tell a current one from a stale one. */
export const status = message('status', DEVICE, {
  boot: u32,
  seq: z.optional(u32),
  st: range(0, 4),
  sess: u32,
  dhash: z.optional(h8),
});

export type Status = MessageType<typeof status>;
