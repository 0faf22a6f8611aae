import { DESCRIPTION } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { list, tuple } from '../codec/lists.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, u8, u32, num } from '../codec/numbers.ts';
import { record } from '../codec/record.ts';
import { text } from '../codec/strings.ts';

export const TYPE = { bool: 0, int: 1, float: 2, enum: 3, text: 4, bytes: 5, rgb: 6, event: 7 } as const;

/** Bits of `flags`. */
export const FLAG = { writable: 1, persistent: 2, sampled: 4, counter: 8, confirmFirst: 16 } as const;

export const CATEGORY = { primary: 0, config: 1, diagnostic: 2 } as const;

/** Action ids that mean the same on every device. */
export const RESERVED_ACTION = { identify: 240, reboot: 241 } as const;

const property = {
  pid: u8,
  key: text,
  type: integer(0, 7),
  flags: optional(u32),
  label: optional(text),
  unit: optional(text),
  min: optional(num),
  max: optional(num),
  step: optional(num),
  scale: optional(integer(-9, 9)),
  enum: optional(list(text, 1, 64)),
  class: optional(text),
  group: optional(u8),
  cat: optional(integer(0, 2)),
  rpt: optional(tuple(u32, u32, num)),
} as const;

const action = {
  pid: u8,
  key: text,
  flags: optional(u32),
  label: optional(text),
  class: optional(text),
  group: optional(u8),
  params: optional(list(record(property), 1, 8)),
} as const;

/** `up/desc`: what a device is and can do. `min`, `max` and `step` are in wire units, before `scale`. */
export const desc = message(
  { name: 'desc', clause: '6.2', bounds: DESCRIPTION },
  {
    proto: tuple(u8, u8),
    model: text,
    fw: text,
    props: list(record(property), 1, 128),
    acts: optional(list(record(action), 1, 32)),
    maxrx: optional(u32),
    feat: optional(u32),
  },
  ({ props, acts = [] }) => {
    const twice = repeatedPid(props) ?? repeatedPid(acts);
    if (twice !== undefined) return `id ${twice} is used twice`;
    const unnamed = [props, ...acts.map(({ params = [] }) => params)].flat().find(lacksNames);
    return unnamed ? `property ${unnamed.pid} is an enum without names` : undefined;
  },
);

const repeatedPid = (records: readonly { readonly pid: number }[]): number | undefined =>
  records.find(({ pid }, at) => records.findIndex((other) => other.pid === pid) !== at)?.pid;

const lacksNames = ({ type, enum: names }: { readonly type: number; readonly enum?: unknown }): boolean =>
  type === TYPE.enum && names === undefined;

export type Description = MessageType<typeof desc>;
export type Property = Description['props'][number];
export type Action = NonNullable<Description['acts']>[number];

/** Whether a property or action has one of the `FLAG` bits. */
export function hasFlag({ flags = 0 }: { flags?: number | undefined }, flag: number): boolean {
  return (flags & flag) !== 0;
}
