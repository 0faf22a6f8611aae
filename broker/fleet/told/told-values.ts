import type { Description, Values } from '#firmware-protocol';
import type { Written } from '../../contract/batch.ts';
import { toWritten } from '../batches/written.ts';

/** Values as people write them, by the keys of their properties; those that the description lacks by "#" and pid. */
export function toldValues(
  values: Values,
  description: Description | undefined,
): Record<string, Written | null> {
  const told = [...values].map(([pid, value]) => {
    const property = description?.props.find((candidate) => candidate.pid === pid);
    if (property) return [property.key, toWritten(property, value)] as const;
    return [`#${pid}`, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value] as const;
  });
  // Whatever a device calls its properties, "__proto__" for example, nothing is left out.
  return Object.fromEntries(told);
}
