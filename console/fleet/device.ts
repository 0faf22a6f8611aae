import type { DeviceDelta, Values } from '#firmware-protocol';
import { toHex } from '../format/hex.ts';

/** What the hub has told of one device. Replaced whole with each change, never written to. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly place: string | undefined;
  readonly tags: readonly string[];
  /** One of `STATUS`; undefined until the device first connects. */
  readonly st: number | undefined;
  /** Since when it has had this status, in hub time (ms). */
  readonly since: number | undefined;
  /** When the hub last heard of it, in hub time (ms). */
  readonly seen: number | undefined;
  /** How often it was lost of late, where that is worth telling. */
  readonly flaps: number;
  /** Since when two programs use its id at once, in hub time (ms); 0 where none do. */
  readonly twice: number;
  /** Names its description: hexadecimal. */
  readonly dhash: string | undefined;
  /** What it reported, and when it did so last, in hub time (ms). */
  readonly vals: Values;
  readonly reportedAt: number;
  /** The desired document: wanted values, its version, and who wrote it last. */
  readonly want: Values;
  readonly wver: number;
  readonly who: string | undefined;
  /** The desired version it says it has applied, and what went wrong with it by property. */
  readonly dver: number;
  readonly errs: ReadonlyMap<number, number>;
}

const NONE: ReadonlyMap<number, never> = new Map<number, never>();

const unknownDevice = (id: string): Device => ({
  id,
  name: id,
  place: undefined,
  tags: [],
  st: undefined,
  since: undefined,
  seen: undefined,
  flaps: 0,
  twice: 0,
  dhash: undefined,
  vals: NONE,
  reportedAt: 0,
  want: NONE,
  wver: 0,
  who: undefined,
  dver: 0,
  errs: NONE,
});

/** `changes` over `values`; the same map where nothing changes. */
export const mergeValues = (values: Values, changes: Values | undefined): Values =>
  changes === undefined || changes.size === 0 ? values : new Map([...values, ...changes]);

/**
 * Takes one change of the feed into account: what it does not mention stays as it was.
 * @param eventTime when the hub wrote the message, in hub time (ms)
 */
export function mergeDelta(previous: Device | undefined, delta: DeviceDelta, eventTime: number): Device {
  const base = previous ?? unknownDevice(delta.did);
  return {
    id: base.id,
    name: delta.name === undefined ? base.name : delta.name || base.id,
    place: delta.place ?? base.place,
    tags: delta.tags ?? base.tags,
    st: delta.st ?? base.st,
    since: delta.since ?? base.since,
    seen: delta.seen ?? base.seen,
    flaps: delta.flaps ?? base.flaps,
    twice: delta.twice ?? base.twice,
    dhash: delta.dhash ? toHex(delta.dhash) : base.dhash,
    vals: mergeValues(base.vals, delta.vals),
    reportedAt: delta.vals ? (delta.t ?? eventTime) : base.reportedAt,
    want: delta.want ?? base.want,
    wver: delta.wver ?? base.wver,
    who: delta.who ?? base.who,
    dver: delta.dver ?? base.dver,
    errs: delta.errs ?? base.errs,
  };
}
