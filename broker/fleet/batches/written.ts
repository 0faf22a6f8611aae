import {
  CODE,
  LIMITS,
  propertyLabel,
  toPhysical,
  toWireUnits,
  TYPE,
  type Property,
  type Value,
} from '#firmware-protocol';
import type { Written } from '../../contract/batch.ts';

/** Why a written value cannot be one of its property: one of `CODE`, and a sentence. */
export interface WrittenFault {
  readonly code: number;
  readonly msg: string;
}

/** How far from a wire unit a written number may lie: decimal fractions are seldom exact. */
const INEXACT = 1e-6;

/** Text that fits a message, whatever else is in it (SPEC.md 5.7). */
const isText = (written: string): boolean =>
  written.isWellFormed() && Buffer.byteLength(written) <= LIMITS.textBytes;

/** A number that every device reads as the same one (SPEC.md 5.6). */
const isExact = (wire: number): boolean =>
  Number.isFinite(wire) && (!Number.isInteger(wire) || Number.isSafeInteger(wire));

/** What people write, as the value that crosses the wire; or why it is none. */
export function fromWritten(property: Property, written: Written): { value: Value } | WrittenFault {
  const value = wireValue(property, written);
  const carried = typeof value === 'number' ? isExact(value) : typeof value !== 'string' || isText(value);
  return value === undefined || !carried ? fault(property, written) : { value };
}

/** What crosses the wire as people write it: in its unit, by the names of an enum, "#rrggbb", hex. */
export function toWritten(property: Property, value: Value): Written | null {
  if (value instanceof Uint8Array) return (property.type === TYPE.rgb ? '#' : '') + hex(value);
  if (typeof value !== 'number') return value;
  return property.enum?.[value] ?? rounded(toPhysical(property, value));
}

/** What a property takes, in words. */
export function allowed(property: Property): string {
  const { type, enum: names } = property;
  switch (type) {
    case TYPE.bool:
      return 'true or false';
    case TYPE.enum:
      return `one of ${(names ?? []).map((name) => JSON.stringify(name)).join(', ')}`;
    case TYPE.text:
      return `a text of at most ${LIMITS.textBytes} bytes`;
    case TYPE.bytes:
      return 'bytes in hex, such as "00ff"';
    case TYPE.rgb:
      return 'a colour such as "#ff8000"';
    default:
      return `a number${range(property)}`;
  }
}

function wireValue({ type, scale, enum: names }: Property, written: Written): Value | undefined {
  switch (type) {
    case TYPE.bool:
      return typeof written === 'boolean' ? written : undefined;
    case TYPE.int: {
      if (typeof written !== 'number') return undefined;
      const wire = toWireUnits({ scale, type: TYPE.float }, written);
      const whole = Math.round(wire);
      return Math.abs(wire - whole) <= INEXACT * Math.max(1, Math.abs(wire)) ? whole : undefined;
    }
    case TYPE.float:
      return typeof written === 'number' ? toWireUnits({ scale, type }, written) : undefined;
    case TYPE.enum: {
      const index = names?.indexOf(String(written)) ?? -1;
      return typeof written === 'string' && index >= 0 ? index : undefined;
    }
    case TYPE.text:
      return typeof written === 'string' ? written : undefined;
    case TYPE.rgb:
      return bytes(written, /^#([0-9a-f]{6})$/i);
    case TYPE.bytes:
      return bytes(written, /^((?:[0-9a-f]{2})*)$/i);
    default:
      return undefined;
  }
}

const fault = (property: Property, written: Written): WrittenFault => ({
  code: CODE.invalid,
  msg: `${propertyLabel(property)} takes ${allowed(property)}, not ${JSON.stringify(written)}`,
});

function range(property: Property): string {
  const { min, max, step, unit, type } = property;
  const told = (wire: number): number => rounded(toPhysical(property, wire));
  const smallest = type === TYPE.int ? (step ?? 1) : undefined;
  const parts = [
    min !== undefined && `from ${told(min)}`,
    max !== undefined && `to ${told(max)}`,
    smallest !== undefined && `in steps of ${told(smallest)}`,
    unit !== undefined && unit !== '' && `(${unit})`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? ` ${parts.join(' ')}` : '';
}

function bytes(written: Written, pattern: RegExp): Uint8Array | undefined {
  const digits = typeof written === 'string' ? pattern.exec(written)?.[1] : undefined;
  return digits === undefined ? undefined : new Uint8Array(Buffer.from(digits, 'hex'));
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** Without the noise of binary fractions: 21.53, not 21.529999999999998. */
const rounded = (physical: number): number => Number(physical.toPrecision(15));
