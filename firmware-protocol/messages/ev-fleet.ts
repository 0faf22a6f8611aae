import { FEED } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { list } from '../codec/lists.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, u32, u53, i53 } from '../codec/numbers.ts';
import { record } from '../codec/record.ts';
import { text, id, actor, h8, bytes } from '../codec/strings.ts';
import { LIMITS } from '../limits.ts';
import { vmap, errors } from '../codec/values.ts';

/** Beside the values of `STATUS`, the presence of a device that the hub waits for after its own start. */
export const AWAITED = 5;

const device = {
  t: optional(i53),
  vals: optional(vmap),
  ver: optional(u32),
  st: optional(integer(0, 5)),
  dhash: optional(h8),
  dver: optional(u32),
  errs: optional(errors),
  did: id,
  name: optional(text),
  place: optional(text),
  since: optional(u53),
  seen: optional(u53),
  want: optional(vmap),
  wver: optional(u32),
  who: optional(actor),
  tags: optional(list(text, 0, LIMITS.tags)),
  flaps: optional(u32),
  twice: optional(u53),
} as const;

/**
 * `@hub/ev/fleet`: what changed in the fleet. A field that is absent did not change, and `vals` holds only the
 * properties that did. With `part` and `parts` the message is a piece of the whole fleet instead, which replaces
 * what was known. `boot` names the hub's run; a gap in `seq` means that a message was lost. `descs` holds
 * descriptions (payloads of `up/desc`) before the first use of their hash. `msg` says what is wrong with the hub, for
 * as long as something is; `flaps` how often a device was lost of late; `twice` since when two programs use its id.
 */
export const evFleet = message(
  { name: 'ev/fleet', clause: '6.15', bounds: FEED },
  {
    boot: u32,
    seq: u32,
    t: u53,
    msg: optional(text),
    devs: list(record(device), 0, Infinity),
    descs: optional(list(bytes(0, LIMITS.descBytes), 0, Infinity)),
    part: optional(u32),
    parts: optional(u32),
    gone: optional(list(id, 0, Infinity)),
  },
);

export type FleetEvent = MessageType<typeof evFleet>;
export type DeviceDelta = FleetEvent['devs'][number];
