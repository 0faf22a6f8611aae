import type { Property, Value } from '#firmware-protocol';
import type { ControlState } from '../fleet/control-state.ts';

/** What every control of a property is given. It shows what was reported, and asks through `onset`. */
export interface ControlProps {
  readonly property: Property;
  /** The name for assistive technology, which includes the device's where several devices are shown. */
  readonly label: string;
  readonly reported: Value | undefined;
  readonly standing: ControlState;
  readonly disabled: boolean;
  /** Why it is disabled. */
  readonly hint?: string | undefined;
  /** −1 takes it out of the tab order, for lists in which one row at a time is a tab stop. */
  readonly tabindex?: 0 | -1;
  /** @param value in wire units */
  readonly onset: (value: Value) => void;
}

/** What the operator wants at the moment: the wish that is on its way, otherwise what is there. */
export const wished = ({
  standing,
  reported,
}: Pick<ControlProps, 'standing' | 'reported'>): Value | undefined =>
  standing.kind === 'pending' && standing.want !== undefined ? standing.want : reported;
