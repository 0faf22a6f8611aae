import {
  cmd,
  state,
  tele,
  type Command,
  type Message,
  type State,
  type Telemetry,
  type Value,
} from '#firmware-protocol';
import { decodeCbor, encodeCbor, toWire } from '../test/support/protocol/reference-cbor.ts';
import { JSON_FORM } from '../test/support/protocol/reference-forms.ts';
import { schemas } from '../test/support/protocol/reference-schemas.ts';
import { REFERENCES } from '../test/support/protocol/reference.ts';

/** One way to turn a message into bytes and back. */
export interface Contestant {
  readonly name: string;
  /** Encodes the message with this number. */
  encode(index: number): Uint8Array;
  /** Decodes the payload of the message with this number. */
  decode(index: number): unknown;
}

/** The same messages for all contestants. Beyond the first they differ in numbers, so that none can be learnt by heart. */
export interface Discipline {
  readonly message: string;
  readonly contestants: readonly Contestant[];
}

export const CODEC = 'switchyard';
export const REFERENCE = 'cborg + zod';

export const MESSAGES_OF_EACH = 64;

/** Five readings: the first is the example of SPEC.md 6.4. */
const readings = (index: number): Telemetry => ({
  boot: 7,
  seq: 1_201 + index,
  t: 0,
  vals: new Map<number, Value>([
    [1, 2_153 + index],
    [2, 482 + index],
    [3, 101_325 + index],
    [4, 87],
    [5, true],
  ]),
});

const snapshot = (index: number): State => ({
  boot: 7,
  seq: 2 + index,
  t: 0,
  vals: new Map<number, Value>([
    [1, index % 2 === 0],
    [2, 80 + index],
    [3, 'evening'],
    [4, 21.5 + index],
  ]),
  ver: 4 + index,
  dver: 9,
});

const command = (index: number): Command => ({
  vals: new Map([[5, index % 2 === 0]]),
  id: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, index),
  exp: 1_763_820_030_000 + index,
  if: 42 + index,
});

const json = schemas(JSON_FORM);
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** The form in which one would send a message as JSON: entries by the name of their id, and bytes in base64. */
function jsonForm(part: unknown): unknown {
  if (part instanceof Map)
    return Object.fromEntries([...part].map(([pid, one]) => [String(pid), jsonForm(one)]));
  if (part instanceof Uint8Array) return Buffer.from(part).toString('base64');
  if (Array.isArray(part)) return part.map(jsonForm);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, field]) => [name, jsonForm(field)]));
}

function contestant<T>(
  name: string,
  messages: readonly T[],
  encode: (message: T) => Uint8Array,
  decode: (payload: Uint8Array) => unknown,
): Contestant {
  const payloads = messages.map(encode);
  return {
    name,
    encode: (index) => encode(messages[index] as T),
    decode: (index) => decode(payloads[index] as Uint8Array),
  };
}

function discipline<T>({ name, encode, decode }: Message<T>, make: (index: number) => T): Discipline {
  const messages = Array.from({ length: MESSAGES_OF_EACH }, (_, index) => make(index));
  const reference = REFERENCES.get(name);
  const schema = json[name];
  if (reference === undefined || schema === undefined) throw new Error(`there is no reference for ${name}`);
  return {
    message: name,
    contestants: [
      contestant(CODEC, messages, encode, decode),
      contestant(REFERENCE, messages, reference.encode, reference.decode),
      contestant(
        'JSON + zod',
        messages.map(jsonForm),
        (message) => utf8.encode(JSON.stringify(schema.parse(message))),
        (payload) => schema.parse(JSON.parse(fromUtf8.decode(payload))),
      ),
      contestant(
        'cborg, unchecked',
        messages.map((one) => toWire(one)),
        encodeCbor,
        decodeCbor,
      ),
    ],
  };
}

export const DISCIPLINES: readonly Discipline[] = [
  discipline(tele, readings),
  discipline(state, snapshot),
  discipline(cmd, command),
];
