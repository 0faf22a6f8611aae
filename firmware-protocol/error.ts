/** What was wrong with bytes or values that crossed the wire. Stable: clients and tests match on it. */
export type ProtocolErrorCode =
  | 'empty'
  | 'too_large'
  | 'too_deep'
  | 'too_many_items'
  | 'bad_cbor'
  | 'not_a_map'
  | 'bad_key'
  | 'unexpected_key'
  | 'bad_value'
  | 'bad_topic';

/** The only error that encoding and decoding throw. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  /** Where in the payload decoding stopped, in bytes from its start, when that is known. */
  readonly offset: number | undefined;

  constructor(code: ProtocolErrorCode, reason: string, offset?: number) {
    super(reason);
    this.code = code;
    this.offset = offset;
  }
}
