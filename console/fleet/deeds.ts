import {
  FLAG,
  hasFlag,
  propertyLabel,
  toPhysical,
  toWireUnits,
  TYPE,
  type Action,
  type Description,
  type Property,
  type Value,
} from '#firmware-protocol';
import type { BatchOrder, Written } from '#broker/contract/batch.ts';
import { toCssColour, toHex } from '../format/hex.ts';

/** What can be done with several devices at once, by the key that they share for it. */
export interface Deed {
  readonly kind: 'set' | 'run';
  readonly key: string;
  readonly label: string;
  /** What has to be said with it: of a property, itself. */
  readonly params: readonly Property[];
  readonly confirmFirst: boolean;
}

/** Types that have a field to be written in. */
const WRITABLE: ReadonlySet<number> = new Set([
  TYPE.bool,
  TYPE.int,
  TYPE.float,
  TYPE.enum,
  TYPE.text,
  TYPE.rgb,
]);

const isSame = (a: Property, b: Property): boolean =>
  a.type === b.type &&
  (a.unit ?? '') === (b.unit ?? '') &&
  (a.enum ?? []).join('\n') === (b.enum ?? []).join('\n');

/** One that takes what both take, in wire units of the first. */
function narrow(a: Property, b: Property): Property | undefined {
  if (!isSame(a, b)) return undefined;
  const converted = (wire: number | undefined): number | undefined =>
    wire === undefined ? undefined : toWireUnits({ scale: a.scale, type: TYPE.float }, toPhysical(b, wire));
  const tightest = (pick: (...bounds: number[]) => number, mine?: number, its?: number) =>
    mine === undefined || its === undefined ? (mine ?? its) : pick(mine, its);
  const min = tightest(Math.max, a.min, converted(b.min));
  const max = tightest(Math.min, a.max, converted(b.max));
  if (min !== undefined && max !== undefined && min > max) return undefined;
  return { ...a, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

function deedOfProperty(property: Property): Deed | undefined {
  if (!hasFlag(property, FLAG.writable) || !WRITABLE.has(property.type)) return undefined;
  const confirmFirst = hasFlag(property, FLAG.confirmFirst);
  return { kind: 'set', key: property.key, label: propertyLabel(property), params: [property], confirmFirst };
}

function deedOfAction(action: Action): Deed | undefined {
  const { params = [] } = action;
  if (!params.every(({ type }) => WRITABLE.has(type))) return undefined;
  const confirmFirst = hasFlag(action, FLAG.confirmFirst);
  return { kind: 'run', key: action.key, label: propertyLabel(action), params, confirmFirst };
}

const deedsOf = ({ props, acts = [] }: Description): Deed[] =>
  [...props.map(deedOfProperty), ...acts.map(deedOfAction)].filter((deed) => deed !== undefined);

function common(a: Deed, b: Deed | undefined): Deed | undefined {
  if (!b || a.params.length !== b.params.length) return undefined;
  const params = a.params.map((param, at) => narrow(param, b.params[at] as Property));
  if (!params.every((param) => param !== undefined)) return undefined;
  return { ...a, params, confirmFirst: a.confirmFirst || b.confirmFirst };
}

/** What devices of all these descriptions can do, in the order of the first. */
export function commonDeeds(descriptions: readonly Description[]): readonly Deed[] {
  const [first, ...others] = descriptions.map(deedsOf);
  return others.reduce(
    (deeds, its) =>
      deeds.flatMap(
        (deed) =>
          common(
            deed,
            its.find(({ kind, key }) => kind === deed.kind && key === deed.key),
          ) ?? [],
      ),
    first ?? [],
  );
}

/** A number without the noise of binary fractions: 21.53, not 21.529999999999998. */
const rounded = (physical: number): number => Number(physical.toPrecision(15));

/** A value in wire units as the API has it written: in its unit, by the names of an enum, "#rrggbb", hex. */
export function toWritten(property: Property, value: Value): Written {
  if (value instanceof Uint8Array) return property.type === TYPE.rgb ? toCssColour(value) : toHex(value);
  if (typeof value !== 'number') return value ?? '';
  return property.enum?.[value] ?? rounded(toPhysical(property, value));
}

/** The part of an order that says what to do. @param args in wire units, in the order of the parameters */
export function orderOf(deed: Deed, args: readonly Value[]): Pick<BatchOrder, 'set' | 'run'> {
  const written = args.map((arg, at) => toWritten(deed.params[at] as Property, arg));
  if (deed.kind === 'set') return { set: { [deed.key]: written[0] as Written } };
  return { run: { action: deed.key, ...(written.length > 0 && { args: written }) } };
}
