import { toPhysical, toWireUnits, TYPE, type Property, type Value } from '#firmware-protocol';
import { fromCssColour } from '../format/hex.ts';
import { formatWireNumber, propertyDecimals } from '../format/number.ts';
import { writtenUnit } from '../format/units.ts';
import { deviceText } from '../text/device-text.ts';

/** What stands in the form's field before anybody writes there. */
export function initialText(param: Property): string {
  switch (param.type) {
    case TYPE.bool:
      return 'false';
    case TYPE.enum:
      return '0';
    case TYPE.rgb:
      return '#ffffff';
    case TYPE.int:
    case TYPE.float:
      return toPhysical(param, param.min ?? 0).toFixed(propertyDecimals(param));
    default:
      return '';
  }
}

/** The value in wire units of what stands in a field, or undefined where it is none. */
export function parseArgument(param: Property, written: string): Value | undefined {
  switch (param.type) {
    case TYPE.bool:
      return written === 'true';
    case TYPE.enum:
      return Number(written);
    case TYPE.rgb:
      return fromCssColour(written);
    case TYPE.text:
      return written;
    case TYPE.int:
    case TYPE.float: {
      const wire = toWireUnits(param, Number(written));
      const { min = -Infinity, max = Infinity } = param;
      return written.trim() !== '' && wire >= min && wire <= max ? wire : undefined;
    }
    default:
      return undefined;
  }
}

/** What may stand in a field, in words, with the unit; empty where its look says it, or nothing bounds it. */
export function describeAllowed(param: Property): string {
  if (param.type !== TYPE.int && param.type !== TYPE.float) return writtenUnit(param.unit);
  const { range, atLeast, atMost } = deviceText.control;
  const [low, high] = [param.min, param.max].map((bound) =>
    bound === undefined ? undefined : formatWireNumber(param, bound),
  );
  const unit = writtenUnit(param.unit);
  if (low !== undefined && high !== undefined) return range(low, high, unit);
  if (low !== undefined) return atLeast(low, unit);
  return high === undefined ? unit : atMost(high, unit);
}
