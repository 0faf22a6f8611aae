import type { Bounds } from '../cbor/bounds.ts';
import { MAJOR } from '../cbor/major.ts';
import { checkProfile } from '../cbor/profile.ts';
import { Reader } from '../cbor/reader.ts';
import { Writer } from '../cbor/writer.ts';
import { ProtocolError } from '../error.ts';
import { record, type RecordOf, type Rule, type Shape } from './record.ts';

/** One message of the protocol: its name, and how it becomes bytes and back. */
export interface Message<T> {
  readonly name: string;
  /**
   * Checks a message and encodes it deterministically (RFC 8949 §4.2.1).
   * @throws ProtocolError `bad_value` where the message breaks its own rules, `too_large` or `too_many_items` where
   *   it is more than a receiver takes
   */
  encode(message: T): Uint8Array;
  /**
   * Decodes and validates one payload. Unknown keys from 48 on are ignored.
   * @throws ProtocolError with the code, the offset and the clause of SPEC.md
   */
  decode(payload: Uint8Array): T;
}

/** The type of the messages that a `Message` handles. */
export type MessageType<M> = M extends Message<infer T> ? T : never;

/** What a message is, beside its fields. */
export interface MessageDefinition {
  readonly name: string;
  /** The section of SPEC.md that describes it. */
  readonly clause: string;
  readonly bounds: Bounds;
}

/** Encoding is synchronous and never within itself, so all messages share one buffer. */
const writer = new Writer();

/**
 * Defines a message. `rule` says what the shape alone cannot, and returns what is wrong, or undefined.
 */
export function message<const S extends Shape>(
  { name, clause, bounds }: MessageDefinition,
  shape: S,
  rule?: Rule<RecordOf<S>>,
): Message<RecordOf<S>> {
  const body = record(shape, rule);
  const named = (error: unknown): unknown =>
    error instanceof ProtocolError ? error.within(name, { clause }) : error;

  return {
    name,

    encode(fields) {
      try {
        body.write(writer, fields);
        refuseExcess(writer, bounds);
        return writer.take();
      } catch (error) {
        writer.discard();
        throw named(error);
      }
    },

    decode(payload) {
      checkProfile(payload, bounds);
      if ((payload[0] as number) >> 5 !== MAJOR.map) {
        throw new ProtocolError('not_a_map', 'expected a map with integer keys', {
          offset: 0,
          clause: '5.1',
        });
      }
      try {
        return body.read(new Reader(payload));
      } catch (error) {
        throw named(error);
      }
    },
  };
}

function refuseExcess({ length, items }: Writer, bounds: Bounds): void {
  if (length > bounds.bytes) {
    throw new ProtocolError('too_large', `would have ${length} bytes; at most ${bounds.bytes} are allowed`, {
      clause: '15.1',
    });
  }
  if (items > bounds.items) {
    throw new ProtocolError(
      'too_many_items',
      `would have ${items} data items; at most ${bounds.items} are allowed`,
      {
        clause: '15.2',
      },
    );
  }
}
