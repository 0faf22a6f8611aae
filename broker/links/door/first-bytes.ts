/** The header of a TLS record (RFC 8446 §5.1): its type, a version that says nothing, and its length. */
const RECORD_HEADER = 5;
const HANDSHAKE = 22;
/** Most bytes of a record that is not encrypted (RFC 8446 §5.1). */
const LONGEST_RECORD = 16_384;

/** What the first bytes of a connection are: the whole of a record that begins a TLS handshake, or not yet, or none. */
export type FirstBytes = 'hello' | 'incomplete' | 'http' | 'unknown';

/** Judges what has come so far on a connection that is to speak TLS. */
export function judgeFirstBytes(bytes: Uint8Array): FirstBytes {
  const [type, major] = bytes;
  if (type === undefined) return 'incomplete';
  if (type !== HANDSHAKE) return isLetter(type) ? 'http' : 'unknown';
  if (major !== undefined && major !== 3) return 'unknown';
  if (bytes.length < RECORD_HEADER) return 'incomplete';
  const length = ((bytes[3] as number) << 8) | (bytes[4] as number);
  if (length === 0 || length > LONGEST_RECORD) return 'unknown';
  return bytes.length >= RECORD_HEADER + length ? 'hello' : 'incomplete';
}

/** Methods of HTTP begin with one. */
const isLetter = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
