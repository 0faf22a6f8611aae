import {
  CATEGORY,
  FLAG,
  hasFlag,
  RESERVED_ACTION,
  TYPE,
  type Action,
  type Description,
  type Property,
} from '#firmware-protocol';

/** What can be operated in the list, in one row's height. */
export type Highlight =
  | { readonly kind: 'property'; readonly property: Property }
  | { readonly kind: 'action'; readonly action: Action };

const NUMERIC: ReadonlySet<number> = new Set([TYPE.int, TYPE.float]);

export const isNumeric = ({ type }: Property): boolean => NUMERIC.has(type);

/** A number that is measured and not set: what lines and charts are drawn of. */
export const isCharted = (property: Property): boolean =>
  isNumeric(property) && (hasFlag(property, FLAG.sampled) || !hasFlag(property, FLAG.writable));

const isPrimary = ({ cat = CATEGORY.primary }: Property): boolean => cat === CATEGORY.primary;

const isBounded = ({ min, max }: Property): boolean => min !== undefined && max !== undefined;

/** Whether a property is set by something as low as a row. */
const fitsRow = (property: Property): boolean =>
  property.type === TYPE.bool || property.type === TYPE.enum || (isNumeric(property) && isBounded(property));

const RESERVED: ReadonlySet<number> = new Set(Object.values(RESERVED_ACTION));

/** Whether every device has this action: it says nothing of this one. */
const isReserved = (pid: number): boolean => RESERVED.has(pid);

/** The control that stands in the list: a primary switch if there is one, then any primary control, then an action. */
export function mainControl({ props, acts = [] }: Description): Highlight | undefined {
  const controls = props.filter(
    (property) => isPrimary(property) && hasFlag(property, FLAG.writable) && fitsRow(property),
  );
  const property = controls.find(({ type }) => type === TYPE.bool) ?? controls[0];
  if (property) return { kind: 'property', property };
  const action = acts.find(({ pid, params }) => params === undefined && !isReserved(pid));
  return action && { kind: 'action', action };
}

/** The reading that stands in the list: a sampled primary number if there is one. */
export function mainReading({ props }: Description): Property | undefined {
  const readings = props.filter((property) => isPrimary(property) && !hasFlag(property, FLAG.writable));
  return (
    readings.find((property) => isNumeric(property) && hasFlag(property, FLAG.sampled)) ??
    readings.find(isNumeric) ??
    readings.find(({ type }) => type === TYPE.bool || type === TYPE.enum || type === TYPE.text)
  );
}
