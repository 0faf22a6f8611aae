import * as z from 'zod/mini';
import { DESCRIPTION } from '../bounds.ts';
import { num, range, u32, u8 } from '../fields.ts';
import { message, record, type MessageType } from '../message.ts';
import { text } from '../values.ts';

export const TYPE = { bool: 0, int: 1, float: 2, enum: 3, text: 4, bytes: 5, rgb: 6, event: 7 } as const;

/** Bits of `flags`. */
export const FLAG = { writable: 1, persistent: 2, sampled: 4, counter: 8, confirmFirst: 16 } as const;

export const CATEGORY = { primary: 0, config: 1, diagnostic: 2 } as const;

/** Action ids that mean the same on every device. */
export const RESERVED_ACTION = { identify: 240, reboot: 241 } as const;

const property = {
  pid: u8,
  key: text,
  type: range(0, 7),
  flags: z.optional(u32),
  label: z.optional(text),
  unit: z.optional(text),
  min: z.optional(num),
  max: z.optional(num),
  step: z.optional(num),
  scale: z.optional(range(-9, 9)),
  enum: z.optional(z.array(text).check(z.minLength(1), z.maxLength(64))),
  class: z.optional(text),
  group: z.optional(u8),
  cat: z.optional(range(0, 2)),
  rpt: z.optional(z.tuple([u32, u32, num])),
} as const;

const action = {
  pid: u8,
  key: text,
  flags: z.optional(u32),
  label: z.optional(text),
  class: z.optional(text),
  group: z.optional(u8),
  params: z.optional(z.array(record(property)).check(z.minLength(1), z.maxLength(8))),
} as const;

/** `up/desc`: what a device is and can do. `min`, `max` and `step` are in wire units, before `scale`. */
export const desc = message(
  'desc',
  DESCRIPTION,
  {
    proto: z.tuple([u8, u8]),
    model: text,
    fw: text,
    props: z.array(record(property)).check(z.minLength(1), z.maxLength(128)),
    acts: z.optional(z.array(record(action)).check(z.minLength(1), z.maxLength(32))),
    maxrx: z.optional(u32),
    feat: z.optional(u32),
  },
  ({ props, acts = [] }) => {
    for (const [what, ids] of [
      ['property', props.map(({ pid }) => pid)],
      ['action', acts.map(({ pid }) => pid)],
    ] as const) {
      const twice = ids.find((pid, at) => ids.indexOf(pid) !== at);
      if (twice !== undefined) return `${what} id ${twice} is used twice`;
    }
    const unnamed = props.find(({ type, enum: names }) => type === TYPE.enum && names === undefined);
    return unnamed ? `property ${unnamed.pid} is an enum without names` : undefined;
  },
);

export type Description = MessageType<typeof desc>;
export type Property = Description['props'][number];
export type Action = NonNullable<Description['acts']>[number];

/** Whether a property or action has one of the `FLAG` bits. */
export function hasFlag({ flags = 0 }: { flags?: number | undefined }, flag: number): boolean {
  return (flags & flag) !== 0;
}
