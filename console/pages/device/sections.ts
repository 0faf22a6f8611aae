import { CATEGORY, FLAG, hasFlag, type Description, type Property, type Values } from '#firmware-protocol';

/** A description as it is laid out on the device's page. */
export interface Sections {
  readonly controls: readonly Property[];
  readonly readings: readonly Property[];
  readonly settings: readonly Property[];
  readonly diagnostics: readonly Property[];
  /** Properties with a place in the desired document. */
  readonly persistent: readonly Property[];
}

const isWritable = (property: Property): boolean => hasFlag(property, FLAG.writable);

/** Properties of one `group` stand together, in the order in which the device lists them. */
const grouped = (properties: readonly Property[]): readonly Property[] =>
  properties.toSorted(({ group: a = 256 }, { group: b = 256 }) => a - b);

export function sectionsOf({ props }: Description): Sections {
  const of = (category: number) => grouped(props.filter(({ cat = CATEGORY.primary }) => cat === category));
  const primary = of(CATEGORY.primary);
  return {
    controls: primary.filter(isWritable),
    readings: primary.filter((property) => !isWritable(property)),
    settings: of(CATEGORY.config),
    diagnostics: of(CATEGORY.diagnostic),
    persistent: props.filter((property) => isWritable(property) && hasFlag(property, FLAG.persistent)),
  };
}

/** What was reported under ids that the description does not have. */
export const undescribed = (description: Description | undefined, vals: Values) =>
  [...vals].filter(([pid]) => !description?.props.some((property) => property.pid === pid));
