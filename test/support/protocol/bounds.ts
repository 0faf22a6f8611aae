import type { Extent } from './reference-cbor.ts';

/** How much there may be of a payload, by the name of the message, as 15.1 and 15.2 of SPEC.md have it. */
function boundsOf(name: string): Extent {
  switch (name) {
    case 'desc':
      return { bytes: 16_384, items: 8_192, depth: 6 };
    case 'blk':
      return { bytes: 4_160, items: 2_048, depth: 6 };
    case 'ev/fleet':
    case 'ev/cmd':
    case 'ev/batch':
      return { bytes: 1_048_576, items: 262_144, depth: 6 };
    default:
      return { bytes: 4_096, items: 2_048, depth: 6 };
  }
}

/** Whether a payload of a message is within 4.9, 15.1 and 15.2 of SPEC.md. */
export function isWithinBounds(name: string, { bytes, items, depth }: Extent): boolean {
  const most = boundsOf(name);
  return bytes <= most.bytes && items <= most.items && depth <= most.depth;
}
