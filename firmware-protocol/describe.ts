import { CODE } from './messages/ack.ts';
import { FLAG, hasFlag, TYPE, type Action, type Description, type Property } from './messages/desc.ts';
import type { Value, Values } from './codec/values.ts';

/** What a value breaks of its device's description. `code` is one of `CODE`. */
export interface Violation {
  readonly pid: number;
  readonly code: number;
  readonly reason: string;
}

/** The name that people see for a property. */
export const propertyLabel = (property: Pick<Property, 'key' | 'label'>): string =>
  property.label ?? property.key;

/** A number of wire units as the physical quantity: 2153 at scale −2 is 21.53. */
export function toPhysical({ scale = 0 }: Pick<Property, 'scale'>, wire: number): number {
  return scale < 0 ? wire / 10 ** -scale : wire * 10 ** scale;
}

/** A physical quantity as the nearest number of wire units. */
export function toWireUnits({ scale = 0, type }: Pick<Property, 'scale' | 'type'>, physical: number): number {
  const wire = scale < 0 ? physical * 10 ** -scale : physical / 10 ** scale;
  return type === TYPE.int ? Math.round(wire) : wire;
}

const isInteger = Number.isSafeInteger as (value: unknown) => value is number;

function typeProblem(property: Property, value: Value): string | undefined {
  if (value === null) return 'must have a value';
  switch (property.type) {
    case TYPE.bool:
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case TYPE.int:
      return isInteger(value) ? undefined : 'must be an integer';
    case TYPE.float:
      return typeof value === 'number' ? undefined : 'must be a number';
    case TYPE.enum:
      return isInteger(value) ? undefined : 'must be the index of a choice';
    case TYPE.text:
      return typeof value === 'string' ? undefined : 'must be text';
    case TYPE.event:
      return property.enum === undefined || isInteger(value) ? undefined : 'must be the index of a name';
    case TYPE.rgb:
      return value instanceof Uint8Array && value.length === 3 ? undefined : 'must be three bytes of sRGB';
    default:
      return value instanceof Uint8Array ? undefined : 'must be bytes';
  }
}

function rangeProblem({ min, max, step, type, enum: names }: Property, value: Value): string | undefined {
  if (typeof value !== 'number') return undefined;
  if (type === TYPE.event && names === undefined) return undefined;
  if (names !== undefined && (type === TYPE.enum || type === TYPE.event)) {
    return value >= 0 && value < names.length ? undefined : `has no choice ${value}`;
  }
  if (min !== undefined && value < min) return `must be at least ${min}`;
  if (max !== undefined && value > max) return `must be at most ${max}`;
  const offStep = type === TYPE.int && step !== undefined && step > 0 && (value - (min ?? 0)) % step !== 0;
  return offStep ? `must be in steps of ${step}` : undefined;
}

function valueViolation(property: Property, value: Value): Violation | undefined {
  const problem = (code: number, reason: string): Violation => ({
    pid: property.pid,
    code,
    reason: `${propertyLabel(property)} ${reason}`,
  });
  const wrongType = typeProblem(property, value);
  if (wrongType) return problem(CODE.invalid, wrongType);
  const outOfRange = rangeProblem(property, value);
  return outOfRange ? problem(CODE.range, outOfRange) : undefined;
}

function violations(
  description: Description,
  values: Values,
  judge: (property: Property, value: Value) => Violation | undefined,
): Violation[] {
  const found: Violation[] = [];
  for (const [pid, value] of values) {
    const property = description.props.find((candidate) => candidate.pid === pid);
    const violation = property
      ? judge(property, value)
      : { pid, code: CODE.notFound, reason: `there is no property ${pid}` };
    if (violation) found.push(violation);
  }
  return found;
}

/** What is wrong with values that a device reports. `null` is fine: it means "no reading". */
export function reportViolations(description: Description, values: Values): Violation[] {
  return violations(description, values, (property, value) =>
    value === null ? undefined : valueViolation(property, value),
  );
}

/**
 * What is wrong with values that somebody wants to write. Persistent properties are written through `desired`
 * and the others through `cmd`, so that each has one write path.
 */
export function writeViolations(
  description: Description,
  values: Values,
  path: 'cmd' | 'desired',
): Violation[] {
  return violations(description, values, (property, value) => {
    const refuse = (reason: string): Violation => ({
      pid: property.pid,
      code: CODE.invalid,
      reason: `${propertyLabel(property)} ${reason}`,
    });
    if (!hasFlag(property, FLAG.writable)) return refuse('cannot be written');
    const persistent = hasFlag(property, FLAG.persistent);
    if (persistent !== (path === 'desired')) {
      return refuse(persistent ? 'is persistent: write it through desired' : 'is written through cmd');
    }
    return valueViolation(property, value);
  });
}

/** What is wrong with the arguments of an action, or undefined. The first fault decides (SPEC.md 11.4). */
export function argumentViolation(
  { pid, key, label = key, params = [] }: Action,
  args: readonly Value[],
): Violation | undefined {
  if (args.length !== params.length) {
    return {
      pid,
      code: CODE.invalid,
      reason: `${label} takes ${params.length} arguments, not ${args.length}`,
    };
  }
  for (const [index, param] of params.entries()) {
    const violation = valueViolation(param, args[index] ?? null);
    if (violation) return violation;
  }
  return undefined;
}
