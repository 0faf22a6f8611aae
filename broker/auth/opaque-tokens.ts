import { isId } from '#firmware-protocol';
import { secretMac, secretMatches, newSecret } from './secrets.ts';

/** Whose a token is that means nothing by itself: a service's ("swy"), or a claim's ("swc"). */
export type OpaqueKind = 'swy' | 'swc';

export interface OpaqueToken {
  readonly id: string;
  readonly secret: string;
}

const ownerOf = (kind: OpaqueKind, id: string): string => `${kind}.${id}`;

/** Reads `{kind}.{id}.{secret}`, or returns undefined where it is none. */
export function parseOpaque(kind: OpaqueKind, token: string): OpaqueToken | undefined {
  const [prefix, id, secret, ...rest] = token.split('.');
  return prefix === kind && isId(id) && secret && rest.length === 0 ? { id, secret } : undefined;
}

/** A new token for an owner, and what is stored of it. */
export function newOpaque(
  kind: OpaqueKind,
  id: string,
  secretsKey: Buffer,
): { readonly token: string; readonly mac: Buffer } {
  const secret = newSecret();
  const owner = ownerOf(kind, id);
  return { token: `${owner}.${secret}`, mac: secretMac(secretsKey, owner, secret) };
}

export const opaqueMatches = (
  kind: OpaqueKind,
  { id, secret }: OpaqueToken,
  stored: Uint8Array,
  secretsKey: Buffer,
): boolean => secretMatches(secretsKey, ownerOf(kind, id), secret, stored);
