/** What somebody pasted instead of a public key. */
export type KeyProblem = 'private' | 'certificate' | 'noPem';

/** Whether it cannot be a public key as PEM; whether the hub takes it is for the hub to say. */
export function keyProblem(pasted: string): KeyProblem | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pasted)) return 'private';
  if (pasted.includes('-----BEGIN CERTIFICATE-----')) return 'certificate';
  const isPem = /^\s*-----BEGIN PUBLIC KEY-----[\s\w+/=]+-----END PUBLIC KEY-----\s*$/.test(pasted);
  return isPem ? undefined : 'noPem';
}

/** How the DER of an Ed25519 key begins in base64 (RFC 8410 §4). */
const ED25519 = 'MCowBQYDK2Vw';

/** The algorithm with which a device signs whose key the hub has taken. */
export const algorithmOf = (publicKey: string): 'ES256' | 'EdDSA' =>
  publicKey.includes(ED25519) ? 'EdDSA' : 'ES256';
