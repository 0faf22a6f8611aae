import { describe, expect, test } from 'vitest';
import { ProtocolError, type Message } from '#firmware-protocol';
import { fromHex, fromJson, MESSAGES, refusedFiles, toHex, vectorFiles } from './vector-files.ts';

const files = vectorFiles();

const messageOf = (type: string): Message<unknown> => MESSAGES.get(type) as Message<unknown>;

/** The code of the error that decoding ends in, or what was decoded where it does not. */
function refusalOf(message: Message<unknown>, payload: Uint8Array): unknown {
  try {
    return message.decode(payload);
  } catch (error) {
    return error instanceof ProtocolError ? error.code : error;
  }
}

test('there are vectors of every message', () => {
  expect(new Set(files.map(({ type }) => type))).toEqual(new Set(MESSAGES.keys()));
});

test('no name stands for two vectors', () => {
  const accepted = files.flatMap(({ file, vectors }) => vectors.map(({ name }) => `${file}: ${name}`));
  const refused = refusedFiles().flatMap(({ vectors }) =>
    vectors.map(({ type, name }) => `${type}: ${name}`),
  );
  for (const names of [accepted, refused]) expect(names).toEqual([...new Set(names)]);
});

describe.each(files)('$file', ({ type, vectors }) => {
  const message = messageOf(type);

  test.each(vectors)('decodes: $name', (vector) => {
    expect(message.decode(fromHex(vector.hex))).toStrictEqual(fromJson(vector.message));
  });

  test.each(vectors.filter(({ only }) => only !== 'decode'))('encodes: $name', (vector) => {
    expect(toHex(message.encode(fromJson(vector.message)))).toBe(vector.hex);
  });

  test.each(vectors)('refuses it cut short anywhere: $name', ({ hex }) => {
    const payload = fromHex(hex);
    const codes = new Set<unknown>();
    for (let length = 0; length < payload.length; length += 1) {
      codes.add(refusalOf(message, payload.subarray(0, length)));
    }
    expect([...codes]).toEqual(['empty', 'bad_cbor']);
  });

  test('a flipped bit never ends in anything but a message or a ProtocolError', () => {
    const escaped: unknown[] = [];
    for (const { hex, name } of vectors) {
      const payload = fromHex(hex);
      for (let bit = 0; bit < Math.min(payload.length, 256) * 8; bit += 1) {
        const flipped = payload.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const outcome = refusalOf(message, flipped);
        if (outcome instanceof Error) escaped.push(`${name}, bit ${bit}: ${outcome}`);
      }
    }
    expect(escaped).toEqual([]);
  });
});

describe.each(refusedFiles())('$file', ({ vectors }) => {
  test.each(vectors)('$type: $name is refused as $code', ({ type, code, hex }) => {
    expect(refusalOf(messageOf(type), fromHex(hex))).toBe(code);
  });
});
