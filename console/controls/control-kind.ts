import { FLAG, hasFlag, TYPE, type Property } from '#firmware-protocol';

export type ControlKind =
  'switch' | 'slider' | 'stepper' | 'segmented' | 'select' | 'colour' | 'text' | 'value';

/** From how many choices on a list is easier to read than buttons side by side. */
const FEW_CHOICES = 4;

/** From how many steps on a slider cannot be set to each of them. */
const MANY_STEPS = 200;

/** Whether a slider needs a field beside it, to be set exactly. */
export const isFine = ({ min = 0, max = 0, step = 1 }: Property): boolean => (max - min) / step > MANY_STEPS;

/** Which control a property gets. Whatever cannot be written, or is of a type unknown here, is shown as a value. */
export function controlKind(property: Property): ControlKind {
  if (!hasFlag(property, FLAG.writable)) return 'value';
  switch (property.type) {
    case TYPE.bool:
      return 'switch';
    case TYPE.int:
    case TYPE.float:
      return property.min !== undefined && property.max !== undefined ? 'slider' : 'stepper';
    case TYPE.enum:
      return (property.enum?.length ?? 0) <= FEW_CHOICES ? 'segmented' : 'select';
    case TYPE.rgb:
      return 'colour';
    case TYPE.text:
      return 'text';
    default:
      return 'value';
  }
}
