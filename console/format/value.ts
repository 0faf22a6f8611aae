import { TYPE, type Property, type Value } from '#firmware-protocol';
import { text } from '../text/text.ts';
import { toCssColour, toHex } from './hex.ts';
import { formatWireNumber } from './number.ts';
import { writtenUnit } from './units.ts';

/** The words for false and true: by the class of a property where that is known, otherwise off and on. */
export function boolWords({ class: hint = '' }: Property): readonly [string, string] {
  const { bool, boolByClass } = text.value;
  // A class is the device's own text, and may be the name of something that every object has.
  return (Object.hasOwn(boolByClass, hint) && boolByClass[hint]) || bool;
}

function formatBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? text.value.noBytes : toHex(bytes);
}

/** A value of which only the type on the wire is known. */
export function formatRaw(value: Value): string {
  if (value === null) return text.value.none;
  if (value instanceof Uint8Array) return formatBytes(value);
  return String(value);
}

/** A value of a property as people read it, without its unit. */
export function formatValue(property: Property, value: Value | undefined): string {
  if (value === undefined || value === null) return text.value.none;
  if (typeof value === 'boolean') return boolWords(property)[value ? 1 : 0];
  if (typeof value === 'number') {
    if (property.type === TYPE.enum || property.type === TYPE.event)
      return property.enum?.[value] ?? String(value);
    return formatWireNumber(property, value);
  }
  if (property.type === TYPE.rgb && value instanceof Uint8Array) return toCssColour(value);
  return formatRaw(value);
}

/** A value with its unit, in one text. */
export function formatWithUnit(property: Property, value: Value | undefined): string {
  const formatted = formatValue(property, value);
  const unit = typeof value === 'number' ? writtenUnit(property.unit) : '';
  return unit ? `${formatted}\u202F${unit}` : formatted;
}
