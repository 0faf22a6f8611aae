import * as z from 'zod';
import { type Form } from './reference-forms.ts';

const u8 = z.number().int().min(0).max(0xff);
const u32 = z.number().int().min(0).max(0xffff_ffff);
const u53 = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const i53 = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const time = i53.refine((t) => t <= 0 || t >= 2 ** 38);
const num = z.number().refine((n) => !Number.isInteger(n) || Math.abs(n) <= Number.MAX_SAFE_INTEGER);
const within = (min: number, max: number): z.ZodNumber => z.number().int().min(min).max(max);
/** Three bytes are the most for a unit of UTF-16, so that most texts need not be measured. */
const text = z.string().refine((t) => t.isWellFormed() && (t.length <= 85 || Buffer.byteLength(t) <= 256));
const id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/);
const actor = z.string().regex(/^@[a-z0-9][a-z0-9_-]{0,31}$/);
const optional = z.optional;

/** The schema of every message, by its name, as section 6 of SPEC.md and the CDDL have them. */
export function schemas(form: Form): Record<string, z.ZodType> {
  const { record, byProperty, bytes } = form;
  const h8 = bytes(8, 8);
  const value = z.union([num, z.boolean(), z.null(), text, bytes(0, Infinity)]);
  const values = byProperty(value, 0);
  const codes = byProperty(u8, 0);
  const args = z.array(value).max(8);
  const heading = { boot: u32, seq: u32, t: time };
  const feed = { boot: u32, seq: u32, t: u53 };

  const property = record({
    pid: u8,
    key: text,
    type: within(0, 7),
    flags: optional(u32),
    label: optional(text),
    unit: optional(text),
    min: optional(num),
    max: optional(num),
    step: optional(num),
    scale: optional(within(-9, 9)),
    enum: optional(z.array(text).min(1).max(64)),
    class: optional(text),
    group: optional(u8),
    cat: optional(within(0, 2)),
    rpt: optional(z.tuple([u32, u32, num])),
  });
  const action = record({
    pid: u8,
    key: text,
    flags: optional(u32),
    label: optional(text),
    class: optional(text),
    group: optional(u8),
    params: optional(z.array(property).min(1).max(8).refine(enumsAreNamed)),
  });
  const device = record({
    t: optional(i53),
    vals: optional(values),
    ver: optional(u32),
    st: optional(within(0, 5)),
    dhash: optional(h8),
    dver: optional(u32),
    errs: optional(codes),
    did: id,
    name: optional(text),
    place: optional(text),
    since: optional(u53),
    seen: optional(u53),
    want: optional(values),
    wver: optional(u32),
    who: optional(actor),
    tags: optional(z.array(text).max(32)),
    flaps: optional(u32),
    twice: optional(u53),
  });
  const command = record({
    t: u53,
    vals: optional(values),
    ver: optional(u32),
    id: h8,
    code: optional(u8),
    msg: optional(text),
    st: within(0, 10),
    exp: optional(u53),
    op: optional(u8),
    args: optional(args),
    pct: optional(within(0, 100)),
    did: id,
    want: optional(values),
    who: actor,
    since: optional(u53),
    wver: optional(u32),
    bid: optional(h8),
  });
  const batch = record({
    t: u53,
    id: h8,
    msg: optional(text),
    st: within(0, 3),
    n: u32,
    name: text,
    since: u53,
    who: actor,
    tally: z.array(u32).length(11),
  });

  return {
    status: record({ boot: u32, seq: optional(u32), st: within(0, 4), sess: u32, dhash: optional(h8) }),
    desc: record({
      proto: z.tuple([u8, u8]),
      model: text,
      fw: text,
      props: z.array(property).min(1).max(128).refine(pidsDiffer).refine(enumsAreNamed),
      acts: optional(z.array(action).min(1).max(32).refine(pidsDiffer)),
      maxrx: optional(u32),
      feat: optional(u32),
    }),
    state: record({ ...heading, vals: values, ver: u32, dver: optional(u32), errs: optional(codes) }),
    tele: record({
      ...heading,
      vals: optional(values),
      batch: optional(
        z
          .array(z.tuple([i53, values]))
          .min(1)
          .max(256),
      ),
    }).refine(valsOrBatch),
    event: record({ ...heading, vals: byProperty(value, 1), msg: optional(text) }),
    ack: record({
      ...heading,
      vals: optional(values),
      ver: optional(u32),
      id: h8,
      code: optional(u8),
      msg: optional(text),
      st: within(1, 5),
      pct: optional(within(0, 100)),
    }),
    blkreq: record({ off: u32, n: within(1, 16), img: h8 }),
    cmd: record({
      vals: optional(values),
      id: h8,
      exp: u53,
      if: optional(u32),
      op: optional(u8),
      args: optional(args),
    }).refine(valsOrAction),
    ctl: record({ t: u53, op: optional(u32) }),
    desired: record({ vals: values, ver: u32 }),
    blk: record({ data: bytes(1, 4_096), off: u32, img: h8 }),
    manifest: record({ data: bytes(32, 32), n: u32, model: text, fw: text, arb: u32 }),
    'rq/cmd': record({
      vals: optional(values),
      id: h8,
      if: optional(u32),
      op: optional(u8),
      args: optional(args),
      ttl: within(1, 604_800_000),
      wait: optional(z.boolean()),
    })
      .refine(valsOrAction)
      .refine(shortOrWaiting),
    'rq/desired': record({ vals: values, id: h8, if: optional(u32) }),
    'rq/cancel': record({ id: h8 }),
    'ev/fleet': record({
      ...feed,
      msg: optional(text),
      devs: z.array(device),
      descs: optional(z.array(bytes(0, 16_384))),
      part: optional(u32),
      parts: optional(u32),
      gone: optional(z.array(id)),
    }),
    'ev/cmd': record({ ...feed, cmds: z.array(command) }),
    'ev/batch': record({ ...feed, batches: z.array(batch) }),
  };
}

const pidsDiffer = (records: readonly unknown[]): boolean =>
  new Set(records.map((one) => (one as { pid: number }).pid)).size === records.length;

const enumsAreNamed = (records: readonly unknown[]): boolean =>
  (records as readonly { type: number; enum?: unknown }[]).every(
    (one) => one.type !== 3 || one.enum !== undefined,
  );

type Parts = Readonly<Record<'vals' | 'batch' | 'op' | 'args', unknown>>;

function valsOrBatch(message: unknown): boolean {
  const { vals, batch } = message as Parts;
  return (vals === undefined) !== (batch === undefined);
}

function valsOrAction(message: unknown): boolean {
  const { vals, op, args } = message as Parts;
  return vals === undefined ? op !== undefined : op === undefined && args === undefined;
}

function shortOrWaiting(message: unknown): boolean {
  const { ttl, wait } = message as { readonly ttl: number; readonly wait?: boolean };
  return ttl <= 60_000 || wait === true;
}
