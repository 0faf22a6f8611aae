import type { Property, Value } from '#firmware-protocol';
import type { BatchOrder } from '#broker/contract/batch.ts';
import type { Deed } from '../fleet/deeds.ts';
import { formatWithUnit } from '../format/value.ts';
import { actionsText } from '../text/actions-text.ts';

/** What is done, as people read it: "Power → On", "Open (30 s)". @param args in wire units */
export function describeDeed({ kind, label, params }: Deed, args: readonly Value[]): string {
  const written = args.map((arg, at) => formatWithUnit(params[at] as Property, arg)).join(', ');
  return kind === 'set' ? actionsText.value(label, written) : actionsText.call(label, written);
}

/** What an order asks for, by its keys: of its devices nothing need be known. */
export function describeOrder({ set, run }: Pick<BatchOrder, 'set' | 'run'>): string {
  if (run) return actionsText.call(run.action, (run.args ?? []).join(', '));
  return Object.entries(set ?? {})
    .map(([key, value]) => actionsText.value(key, String(value)))
    .join(', ');
}
