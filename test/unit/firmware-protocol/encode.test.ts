import { describe, expect, test } from 'vitest';
import { cmd, ProtocolError, status, tele, type Value } from '#firmware-protocol';
import { toHex } from './vector-files.ts';

const reading = (value: Value) => ({ boot: 7, seq: 1, t: 0, vals: new Map([[1, value]]) });

/** The code of the error that this ends in. */
function codeOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return undefined;
}

describe('a message that breaks its rules is not encoded', () => {
  test.each<[string, () => unknown]>([
    ['NaN', () => tele.encode(reading(NaN))],
    ['infinity', () => tele.encode(reading(-Infinity))],
    ['an unsafe integer', () => tele.encode(reading(2 ** 53))],
    ['text of 257 bytes', () => tele.encode(reading(`ü`.repeat(128) + 'x'))],
    ['a lone surrogate', () => tele.encode(reading('\uD83D'))],
    ['a time that is neither', () => tele.encode({ ...reading(1), t: 1 })],
    ['a value that is an object', () => tele.encode(reading({} as never))],
    ['a property id of 256', () => tele.encode({ ...reading(1), vals: new Map([[256, 1]]) })],
    ['neither vals nor batch', () => tele.encode({ boot: 7, seq: 1, t: 0 })],
    ['both vals and batch', () => tele.encode({ ...reading(1), batch: [[0, new Map()]] })],
    ['a field that it does not have', () => status.encode({ boot: 7, st: 1, sess: 3, t: 0 } as never)],
    ['a field that is missing', () => status.encode({ boot: 7, st: 1 } as never)],
    ['a short id', () => cmd.encode({ id: new Uint8Array(7), exp: 0, op: 1 })],
  ])('%s', (_name, attempt) => {
    expect(codeOf(attempt)).toBe('bad_value');
  });
});

test('negative zero becomes zero', () => {
  expect(toHex(tele.encode(reading(-0)))).toBe(toHex(tele.encode(reading(0))));
});

test('fields that are undefined are left out', () => {
  const absent = { seq: undefined, dhash: undefined } as object;
  expect(toHex(status.encode({ boot: 7, st: 0, sess: 3, ...absent }))).toBe('a301070a001403');
});

test('entries are put in order, whatever order they came in', () => {
  const vals = new Map([255, 24, 23, 0].map((pid) => [pid, true] as const));
  expect(toHex(tele.encode({ t: 0, vals, seq: 1, boot: 7 }))).toBe('a401070201030004a400f517f51818f518fff5');
});

test('a Buffer, which shares memory with its packet, is decoded from its own bytes only', () => {
  const packet = Buffer.from('ffffa301070a001403ffff', 'hex');
  expect(status.decode(packet.subarray(2, 9))).toEqual({ boot: 7, st: 0, sess: 3 });
});

test.each(['\uFEFFfirst', 'lost: \uFFFD', 'a\0b', 'ä€𝄞'])('text comes back as it was: %j', (text) => {
  expect(tele.decode(tele.encode(reading(text)))).toEqual(reading(text));
});

test('an error names the message and the field, where it was found, and the clause that it breaks', () => {
  expect(() => status.encode({ boot: -1, st: 0, sess: 3 })).toThrow(
    'status.boot: must be an integer from 0 to 4294967295',
  );
  const faultOf = (hex: string): unknown => {
    try {
      return status.decode(Buffer.from(hex, 'hex'));
    } catch (error) {
      return error;
    }
  };
  expect(faultOf('a301070a00141a000000')).toMatchObject({
    name: 'ProtocolError',
    code: 'bad_cbor',
    offset: 10,
    clause: '4.1',
  });
  expect(faultOf('a301070a051403')).toMatchObject({
    code: 'bad_value',
    path: 'status.st',
    offset: 4,
    clause: '6.1',
  });
  expect(faultOf('a4010703000a001403')).toMatchObject({ code: 'unexpected_key', offset: 3, clause: '5.2' });
});

test('more than a receiver takes is not encoded, and what follows is', () => {
  const lines = new Map(Array.from({ length: 128 }, (_, pid) => [pid, 'x'.repeat(60)]));
  const sample = [0, new Map([0, 1, 2, 3, 4, 5].map((pid) => [pid, 1]))] as const;
  expect(codeOf(() => tele.encode({ ...reading(1), vals: lines }))).toBe('too_large');
  expect(
    codeOf(() => tele.encode({ boot: 7, seq: 1, t: 0, batch: Array.from({ length: 200 }, () => sample) })),
  ).toBe('too_many_items');
  expect(tele.decode(tele.encode(reading(1)))).toEqual(reading(1));
});
