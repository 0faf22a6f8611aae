import * as fc from 'fast-check';
import {
  byProperty,
  codes,
  either,
  list,
  record,
  tuple,
  value,
  values,
  type Fields,
  type Kinds,
} from './composites.ts';
import { description } from './descriptions.ts';
import { actor, bool, bytes, h8, i53, id, integer, moment, text, u32, u53, u8, type Kind } from './kinds.ts';

function kinds(): Record<string, Kind<Fields>> {
  const heading = { boot: u32, seq: u32, t: moment };
  const feed = { boot: u32, seq: u32, t: u53 };
  return {
    status: record({ boot: u32, st: integer(0, 4), sess: u32 }, { seq: u32, dhash: h8 }),
    desc: description(),
    state: record({ ...heading, vals: values, ver: u32 }, { dver: u32, errs: codes }),
    tele: either(
      record({ ...heading, vals: values }),
      record({ ...heading, batch: list(tuple(i53, values), 1, 256) }),
    ),
    event: record({ ...heading, vals: byProperty(value, 1) }, { msg: text }),
    ack: record(
      { ...heading, id: h8, st: integer(1, 5) },
      { vals: values, ver: u32, code: u8, msg: text, pct: integer(0, 100) },
    ),
    blkreq: record({ off: u32, n: integer(1, 16), img: h8 }),
    cmd: command({ id: h8, exp: u53 }),
    ctl: record({ t: u53 }, { op: u32 }),
    desired: record({ vals: values, ver: u32 }),
    blk: record({ data: bytes(1, 4_096), off: u32, img: h8 }),
    manifest: record({ data: bytes(32), n: u32, model: text, fw: text, arb: u32 }),
    'rq/cmd': commandRequest(),
    'rq/desired': record({ vals: values, id: h8 }, { if: u32 }),
    'rq/cancel': record({ id: h8 }),
    'ev/fleet': record(
      { ...feed, devs: list(device(), 0, Infinity) },
      {
        ...{ msg: text, descs: list(bytes(0, 16_384), 0, Infinity) },
        ...{ part: u32, parts: u32, gone: list(id, 0, Infinity) },
      },
    ),
    'ev/cmd': record({ ...feed, cmds: list(commandStep(), 0, Infinity) }),
    'ev/batch': record({ ...feed, batches: list(batchStep(), 0, Infinity) }),
  };
}

const args = list(value, 0, 8);

/** It writes properties, or runs an action, and nothing but an action has arguments. */
function command(required: Kinds): Kind<Fields> {
  const writes = record({ ...required, vals: values }, { if: u32 });
  const runs = record({ ...required, op: u8 }, { if: u32, args });
  const { valid, broken } = either(writes, runs);
  const writesWithArgs = fc
    .tuple(writes.valid, args.valid)
    .map(([fields, more]) => ({ ...fields, args: more }));
  return { valid, broken: fc.oneof(broken, writesWithArgs) };
}

/** Only one that may wait lives for longer than a minute. */
function commandRequest(): Kind<Fields> {
  const short = command({ id: h8, ttl: integer(1, 60_000) });
  const long = command({ id: h8, ttl: integer(60_001, 604_800_000) });
  const any = command({ id: h8, ttl: integer(1, 604_800_000) });
  const waiting = (wait: unknown) => (fields: unknown) => ({ ...(fields as Fields), wait });
  return {
    valid: fc.oneof(short.valid, short.valid.map(waiting(false)), any.valid.map(waiting(true))),
    broken: fc.oneof(
      short.broken,
      any.broken.filter(isRecord).map(waiting(true)),
      long.valid,
      long.valid.map(waiting(false)),
      fc.tuple(short.valid, bool.broken).map(([fields, wait]) => ({ ...fields, wait })),
    ),
  };
}

const isRecord = (broken: unknown): boolean =>
  typeof broken === 'object' && broken !== null && Object.getPrototypeOf(broken) === Object.prototype;

function device(): Kind<Fields> {
  return record(
    { did: id },
    {
      ...{ t: i53, vals: values, ver: u32, st: integer(0, 5), dhash: h8, dver: u32, errs: codes, name: text },
      ...{ place: text, since: u53, seen: u53, want: values, wver: u32, who: actor },
      ...{ tags: list(text, 0, 32), flaps: u32, twice: u53 },
    },
  );
}

function commandStep(): Kind<Fields> {
  return record(
    { t: u53, id: h8, st: integer(0, 10), did: id, who: actor },
    {
      ...{ vals: values, code: u8, msg: text, exp: u53, op: u8, args, pct: integer(0, 100) },
      ...{ want: values, ver: u32, since: u53, wver: u32, bid: h8 },
    },
  );
}

function batchStep(): Kind<Fields> {
  return record(
    {
      ...{ t: u53, id: h8, st: integer(0, 3), n: u32, name: text, since: u53, who: actor },
      tally: list(u32, 11, 11),
    },
    { msg: text },
  );
}

/** Every message of the protocol by its name, as section 6 of SPEC.md describes it. */
export const KINDS: ReadonlyMap<string, Kind<Fields>> = new Map(Object.entries(kinds()));
