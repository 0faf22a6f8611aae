import * as fc from 'fast-check';
import { list, record, tuple, type Fields } from './composites.ts';
import { integer, num, text, u32, u8, type Kind } from './kinds.ts';

const ENUM = 3;

const only = (n: number): Kind<number> => ({ valid: fc.constant(n), broken: fc.constantFrom(n + 0.5, null) });

/** Names belong to an enum, and may stand anywhere else. */
function property(): Kind<Fields> {
  const names = { enum: list(text, 1, 64) };
  const any = {
    ...{
      flags: u32,
      label: text,
      unit: text,
      min: num,
      max: num,
      step: num,
      scale: integer(-9, 9),
      class: text,
    },
    ...{ group: u8, cat: integer(0, 2), rpt: tuple(u32, u32, num) },
  };
  const enumerated = record({ pid: u8, key: text, type: only(ENUM), ...names }, any);
  const other = record({ pid: u8, key: text, type: integer(0, 7) }, { ...any, ...names });
  return {
    valid: fc.oneof(
      enumerated.valid,
      other.valid.filter((fields) => fields['type'] !== ENUM),
    ),
    broken: other.broken,
  };
}

/** Gives each its own pid, so that no two are the same. */
const numbered = (fields: readonly Fields[]): Fields[] =>
  fields.map((one, index) => ({ ...one, pid: (Number(one['pid']) + index) % 256 })).filter(firstWithPid);

const firstWithPid = (one: Fields, at: number, all: readonly Fields[]): boolean =>
  all.findIndex(({ pid }) => pid === one['pid']) === at;

/** The same list with its first item twice. */
const withTwin = (fields: readonly Fields[]): Fields[] => [...fields.slice(0, 1), ...fields.slice(0, 1)];

/** `desc`: no pid twice, and names for every enum. */
export function description(): Kind<Fields> {
  const props = list(property(), 1, 128);
  const acts = list(
    record(
      { pid: u8, key: text },
      { flags: u32, label: text, class: text, group: u8, params: list(property(), 1, 8) },
    ),
    1,
    32,
  );
  const unique = (kind: Kind<Fields[]>): Kind<Fields[]> => ({
    valid: kind.valid.map(numbered),
    broken: fc.oneof(kind.broken, kind.valid.map(withTwin)),
  });
  const unnamed = record({ pid: u8, key: text, type: only(ENUM) }).valid;
  const brokenProperty = fc.oneof(unnamed, { arbitrary: property().broken, weight: 5 });
  const whole = record(
    { proto: tuple(u8, u8), model: text, fw: text, props: unique(props) },
    { acts: unique(acts), maxrx: u32, feat: u32 },
  );
  return {
    valid: whole.valid,
    broken: fc.oneof(
      whole.broken,
      fc.tuple(whole.valid, brokenProperty).map(([fields, one]) => ({ ...fields, props: [one] })),
    ),
  };
}
