import * as z from 'zod/mini';
import { id } from './id.ts';
import { labels } from './labels.ts';

/**
 * A device's own public key, with which it signs its tokens: PEM (SubjectPublicKeyInfo) of P-256 (ES256) or Ed25519
 * (EdDSA).
 */
export const publicKey = z.string().check(z.minLength(1), z.maxLength(1_024));

/** `POST /api/devices`: registers a device. With its own public key it gets no secret. */
export const deviceRequest = z.extend(labels, { id, publicKey: z.optional(publicKey) });
export type DeviceRequest = z.infer<typeof deviceRequest>;

/** `POST /api/devices/{id}/credential`: a new secret, or a new key, in place of what there was. */
export const credentialRequest = z.strictObject({ publicKey: z.optional(publicKey) });

/** What a device connects with, told once: its secret is absent where it has a key of its own. */
export const issued = z.object({ tenant: z.string(), id: z.string(), secret: z.optional(z.string()) });
export type Issued = z.infer<typeof issued>;

/** `PATCH /api/devices/{id}/credential`: a disabled device cannot connect, and keeps its credential. */
export const credentialChange = z.strictObject({ disabled: z.boolean() });

/** What a device may connect with: `GET /api/devices/{id}/credential`, for administrators. */
export const toldCredential = z.object({
  kind: z.enum(['secret', 'key', 'none']),
  disabled: z.boolean(),
  createdAt: z.number(),
  /** When the credential was last made, replaced or revoked. */
  changedAt: z.number(),
  /** The JWK thumbprint (RFC 7638) of its key. */
  thumbprint: z.optional(z.string()),
  /** The claim with which the device registered itself. */
  claim: z.optional(z.string()),
});
export type ToldCredential = z.infer<typeof toldCredential>;
