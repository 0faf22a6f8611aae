import { pick } from '../unit/broker/seeded-random.ts';

/** Bytes that begin something in CBOR, or end it, or are at a bound. */
const TELLING = [
  0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x37, 0x38, 0x3b, 0x40, 0x58, 0x5f, 0x60, 0x78, 0x7f,
  0x80, 0x81, 0x9f, 0xa0, 0xa1, 0xb8, 0xbf, 0xc0, 0xd8, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xff,
];

type Random = () => number;

const below = (random: Random, end: number): number => Math.floor(random() * end);

function splice(payload: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  return Buffer.concat([payload.subarray(0, at), added, payload.subarray(at + removed)]);
}

function mutateOnce(random: Random, payload: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = below(random, payload.length + 1);
  const run = 1 + below(random, 8);
  switch (below(random, 7)) {
    case 0:
      return payload.map((byte, index) => (index === at ? byte ^ (1 << below(random, 8)) : byte));
    case 1:
      return payload.map((byte, index) => (index === at ? pick(random, TELLING) : byte));
    case 2:
      return splice(payload, at, 0, Uint8Array.of(pick(random, TELLING)));
    case 3:
      return splice(payload, at, run, new Uint8Array());
    case 4:
      return splice(payload, at, 0, payload.subarray(at, at + run));
    case 5:
      return payload.subarray(0, at);
    default: {
      const other = pick(random, others);
      const from = below(random, other.length);
      return splice(payload, at, run, other.subarray(from, from + run));
    }
  }
}

/** A payload with one to three mistakes in it; sometimes with none. */
export function mutate(random: Random, payloads: readonly Uint8Array[]): Uint8Array {
  let payload = pick(random, payloads);
  for (let left = below(random, 4); left > 0; left -= 1) payload = mutateOnce(random, payload, payloads);
  return payload;
}
