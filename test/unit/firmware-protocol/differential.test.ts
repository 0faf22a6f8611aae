import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { ProtocolError, type Message } from '#firmware-protocol';
import { BREACHES } from '../../support/protocol/breaches.ts';
import { hostilePayloads, RUNS, SEED } from '../../support/protocol/hostile-payloads.ts';
import { decodeCbor, decodeLenient, toWire } from '../../support/protocol/reference-cbor.ts';
import { REFERENCES, type Reference } from '../../support/protocol/reference.ts';
import { encodeElsewhere } from './other-cbor.ts';
import { MESSAGES, toHex } from './vector-files.ts';

type Outcome = { readonly message: unknown } | { readonly error: unknown };

function outcomeOf(decode: () => unknown): Outcome {
  try {
    return { message: decode() };
  } catch (error) {
    return { error };
  }
}

/** What is wrong wherever it stands. A float without a fraction is wrong only in the place of an integer. */
const UNCONDITIONAL = Object.keys(BREACHES).filter((clause) => clause !== '5.5');

/** How one payload fared: what the two agree on, or which clause only one of them can see. */
function compare(type: string, payload: Uint8Array): string {
  const codec = MESSAGES.get(type) as Message<unknown>;
  const reference = REFERENCES.get(type) as Reference;
  const ours = outcomeOf(() => codec.decode(payload));
  const theirs = outcomeOf(() => reference.decode(payload));
  if ('message' in ours) {
    const breached = UNCONDITIONAL.find((clause) => BREACHES[clause]?.(payload, type));
    if (breached !== undefined) return `FAULT: accepted against ${breached}`;
    if ('message' in theirs) {
      const same = isDeepStrictEqual(ours.message, theirs.message);
      return same ? 'both accept' : 'FAULT: not the same message';
    }
    const excused = isEqualKeysOnly(payload);
    return excused ? 'keys equal as numbers' : `FAULT: only the reference refuses: ${String(theirs.error)}`;
  }
  if ('error' in theirs) return 'both refuse';
  if (!(ours.error instanceof ProtocolError)) return `FAULT: ${String(ours.error)}`;
  return unseen(type, payload, ours.error, theirs.message);
}

/**
 * What JavaScript cannot tell apart and CBOR can: the keys 1 and 1.0 of a map. Only a value that is ignored may
 * have both.
 */
function isEqualKeysOnly(payload: Uint8Array): boolean {
  return (
    'error' in outcomeOf(() => decodeCbor(payload)) && 'message' in outcomeOf(() => decodeLenient(payload))
  );
}

/** Names the clause that the reference cannot see, once the bytes show that it was this and nothing else. */
function unseen(type: string, payload: Uint8Array, error: ProtocolError, message: unknown): string {
  const ofMeaning = error.code === 'bad_key' || (error.code === 'bad_value' && error.clause !== '4.8');
  const clause = ofMeaning ? '5.5' : String(error.clause);
  if (BREACHES[clause]?.(payload, type) !== true) {
    return `FAULT: only the codec refuses: ${error.code} ${error.message}`;
  }
  if (clause === '4.9' || clause === '4.10') return clause;
  // What the reference took it for, written as it should have been, is accepted by both.
  const mended = encodeElsewhere(toWire(message));
  const agreed = compare(type, mended) === 'both accept';
  return agreed ? clause : `FAULT: refused even as ${toHex(mended)}`;
}

test(`a reference agrees on ${RUNS} hostile payloads, but for what it cannot see`, () => {
  const counts = new Map<string, number>();
  for (const { type, payload, origin } of hostilePayloads(SEED, RUNS)) {
    const outcome = compare(type, payload);
    if (outcome.startsWith('FAULT')) expect.fail(`${origin}: ${type} ${toHex(payload)}: ${outcome}`);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  const expected = ['both accept', 'both refuse', 'keys equal as numbers', ...Object.keys(BREACHES)];
  expect(new Set(counts.keys())).toEqual(new Set(expected));
  // With fewer most payloads would be refused for a reason that hides all others.
  expect(counts.get('both accept')).toBeGreaterThan(RUNS / 10);
}, 3_600_000);
