import { toPhysical, TYPE, type Property } from '#firmware-protocol';

const formats = new Map<number, Intl.NumberFormat>();

/** A number with exactly so many decimals, so that a changing one keeps its width. */
export function formatDecimals(value: number, decimals: number): string {
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat('en', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(decimals, format);
  }
  return format.format(value).replace('-', '−');
}

const decimalsOf = (value: number): number => {
  const [, fraction = ''] = value.toFixed(6).replace(/0+$/, '').split('.');
  return fraction.length;
};

/** How many decimals the values of a property have: those of its scale or step; a bare float gets two. */
export function propertyDecimals({
  type,
  scale = 0,
  step,
}: Pick<Property, 'type' | 'scale' | 'step'>): number {
  if (type !== TYPE.float) return Math.max(0, -scale);
  return step === undefined ? Math.max(2, -scale) : decimalsOf(toPhysical({ scale }, step));
}

/** A number of wire units as people read it, without its unit. */
export function formatWireNumber(property: Pick<Property, 'type' | 'scale' | 'step'>, wire: number): string {
  return formatDecimals(toPhysical(property, wire), propertyDecimals(property));
}
