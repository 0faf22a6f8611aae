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
  | 'bad_value';

/** Where something was wrong, and which clause of SPEC.md it breaks. */
export interface Fault {
  /** In bytes from the start of the payload; unknown where a message was to be encoded. */
  readonly offset?: number | undefined;
  readonly clause?: string | undefined;
}

/** The only error that encoding and decoding throw. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  /** What was wrong, without saying with which field. */
  readonly reason: string;
  /** The field it was wrong with, outermost name first, such as `tele.vals`; empty for the whole payload. */
  readonly path: string;
  /** Where in the payload it was found, in bytes from its start, when that is known. */
  readonly offset: number | undefined;
  /** The clause of SPEC.md that is broken, such as `4.2`. */
  readonly clause: string | undefined;

  constructor(code: ProtocolErrorCode, reason: string, fault: Fault = {}, path = '') {
    super(path === '' ? reason : `${path}: ${reason}`);
    this.code = code;
    this.reason = reason;
    this.path = path;
    this.offset = fault.offset;
    this.clause = fault.clause;
  }

  /** The same error, found in a part of something: its name goes before the path. */
  within(name: string, fault: Fault = {}): ProtocolError {
    const { code, reason, path, offset = fault.offset, clause = fault.clause } = this;
    return new ProtocolError(code, reason, { offset, clause }, path === '' ? name : `${name}.${path}`);
  }
}
