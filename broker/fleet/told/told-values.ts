import type { Description, Values } from '#firmware-protocol';
import type { Written } from '../../contract/batch.ts';
import { toWritten } from '../batches/written.ts';

/** Values as people write them, by the keys of their properties; those that the description lacks by "#" and pid. */
export function toldValues(
  values: Values,
  description: Description | undefined,
): Record<string, Written | null> {
  const told: Record<string, Written | null> = {};
  for (const [pid, value] of values) {
    const property = description?.props.find((candidate) => candidate.pid === pid);
    if (property) told[property.key] = toWritten(property, value);
    else told[`#${pid}`] = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  }
  return told;
}
