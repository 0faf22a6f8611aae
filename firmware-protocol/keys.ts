/**
 * The key registry: one number for each field name, the same in all messages. A number is never reused,
 * and a new field always gets a higher number, so that older receivers can ignore it.
 */
export const KEYS = {
  boot: 1,
  seq: 2,
  t: 3,
  vals: 4,
  ver: 5,
  id: 6,
  code: 7,
  batch: 8,
  msg: 9,
  st: 10,
  exp: 11,
  if: 12,
  op: 13,
  args: 14,
  pct: 15,
  data: 16,
  off: 17,
  n: 18,
  img: 19,
  sess: 20,
  dhash: 21,
  proto: 22,
  model: 23,
  fw: 24,
  props: 25,
  acts: 26,
  maxrx: 27,
  feat: 28,
  dver: 29,
  pid: 30,
  key: 31,
  type: 32,
  flags: 33,
  label: 34,
  unit: 35,
  min: 36,
  max: 37,
  step: 38,
  scale: 39,
  enum: 40,
  class: 41,
  group: 42,
  cat: 43,
  rpt: 44,
  params: 45,
  errs: 46,
  arb: 47,
  ttl: 48,
  did: 49,
  name: 50,
  place: 51,
  since: 52,
  seen: 53,
  devs: 54,
  descs: 55,
  part: 56,
  parts: 57,
  gone: 58,
  want: 59,
  wver: 60,
  who: 61,
  cmds: 62,
  wait: 63,
  tags: 64,
  flaps: 65,
  bid: 66,
  batches: 67,
  tally: 68,
  twice: 69,
} as const;

export type FieldName = keyof typeof KEYS;

/** Keys from here on may be unknown to a receiver, which then ignores them. */
export const FIRST_EXTENSION_KEY = 48;

const NAMES: ReadonlyMap<number, FieldName> = new Map(
  Object.entries(KEYS).map(([name, key]) => [key, name as FieldName]),
);

/** The field name of a key number, or undefined where the registry has none. */
export function fieldName(key: number): FieldName | undefined {
  return NAMES.get(key);
}
