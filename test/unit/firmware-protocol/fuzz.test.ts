import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { ProtocolError, type Message } from '#firmware-protocol';
import { hostilePayloads, RUNS, SEED } from '../../support/protocol/hostile-payloads.ts';
import { MESSAGES, toHex } from './vector-files.ts';

const spec = readFileSync(join(import.meta.dirname, '../../../firmware-protocol/SPEC.md'), 'utf8');

/** Clauses and, for the messages, headings. */
const clauses = new Set(
  [...spec.matchAll(/^(?:\*\*(\d+\.\d+)\*\*|### (\d+\.\d+) )/gm)].map(
    ([, clause, heading]) => clause ?? heading,
  ),
);

const CODES = new Set([
  ...['empty', 'too_large', 'too_deep', 'too_many_items', 'bad_cbor'],
  ...['not_a_map', 'bad_key', 'unexpected_key', 'bad_value'],
]);

/** The payload amid other bytes, as it stands in the packet that brought it, which look like more of it. */
function inPacket(payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(payload.length + 32).fill(0x01);
  packet.set(payload, 16);
  return packet.subarray(16, 16 + payload.length);
}

/** What is wrong with a refusal, or undefined. */
function faultOf(error: unknown, payload: Uint8Array): string | undefined {
  if (!(error instanceof ProtocolError)) return `threw ${String(error)}`;
  const { code, offset, clause } = error;
  if (!CODES.has(code)) return `code ${code}`;
  if (!Number.isInteger(offset)) return `${error.message}: offset ${offset}`;
  if ((offset as number) < 0 || (offset as number) > payload.length)
    return `${error.message}: offset ${offset}`;
  return clauses.has(clause) ? undefined : `${error.message}: clause ${clause}`;
}

/** What is wrong with what was decoded: it may be sent again, and comes back the same. */
function faultOfAccepted(message: Message<unknown>, decoded: unknown): string | undefined {
  const again = message.encode(decoded);
  if (!isDeepStrictEqual(message.decode(again), decoded)) return `came back otherwise from ${toHex(again)}`;
  return undefined;
}

test(`${RUNS} hostile payloads end in a message or in a ProtocolError that says where and why`, () => {
  const seen = new Map<string, number>();
  const count = (outcome: string): void => void seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  for (const { type, payload, origin } of hostilePayloads(SEED, RUNS)) {
    const message = MESSAGES.get(type) as Message<unknown>;
    let fault: string | undefined;
    try {
      const decoded = message.decode(inPacket(payload));
      count('accepted');
      fault = faultOfAccepted(message, decoded);
    } catch (error) {
      fault = faultOf(error, payload);
      if (error instanceof ProtocolError) count(error.code);
    }
    if (fault !== undefined) expect.fail(`${origin}: ${type} ${toHex(payload)}: ${fault}`);
  }
  expect(new Set(seen.keys())).toEqual(new Set(['accepted', ...CODES]));
  // With fewer most payloads would be refused for a reason that hides all others.
  expect(seen.get('accepted')).toBeGreaterThan(RUNS / 10);
}, 3_600_000);
