import * as z from 'zod/mini';
import { FEED } from '../bounds.ts';
import { actor, h8, i53, id, range, u32, u53 } from '../fields.ts';
import { message, record, type MessageType } from '../message.ts';
import { text, vmap } from '../values.ts';
import { errors } from './state.ts';

const bytesList = z.array(z.custom<Uint8Array>((b) => b instanceof Uint8Array, 'must be bytes'));

const device = {
  t: z.optional(i53),
  vals: z.optional(vmap),
  ver: z.optional(u32),
  st: z.optional(range(0, 4)),
  dhash: z.optional(h8),
  dver: z.optional(u32),
  errs: z.optional(errors),
  did: id,
  name: z.optional(text),
  place: z.optional(text),
  since: z.optional(u53),
  seen: z.optional(u53),
  want: z.optional(vmap),
  wver: z.optional(u32),
  who: z.optional(actor),
} as const;

/**
 * `@hub/ev/fleet`: what changed in the fleet. A field that is absent did not change, and `vals` holds only the
 * properties that did. With `part` and `parts` the message is a piece of the whole fleet instead, which replaces
 * what was known. `boot` names the hub's run; a gap in `seq` means that a message was lost. `descs` holds
 * descriptions (payloads of `up/desc`) before the first use of their hash.
 */
export const evFleet = message('ev/fleet', FEED, {
  boot: u32,
  seq: u32,
  t: u53,
  devs: z.array(record(device)),
  descs: z.optional(bytesList),
  part: z.optional(u32),
  parts: z.optional(u32),
  gone: z.optional(z.array(id)),
});

export type FleetEvent = MessageType<typeof evFleet>;
export type DeviceDelta = FleetEvent['devs'][number];
