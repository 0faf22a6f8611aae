import type { HubAddress } from './hub-address.ts';

/** With what a program proves to be its device. */
export type Proof =
  /** Undefined where whoever uses the program has to fill it in. */
  | { readonly kind: 'secret'; readonly secret: string | undefined }
  /** Tokens that it signs with a key of its own, which is in a file beside it. */
  | { readonly kind: 'key'; readonly algorithm: 'ES256' | 'EdDSA' };

/** Where a program is to connect, as which device, and with what. */
export interface Target {
  readonly hub: HubAddress;
  readonly tenant: string;
  readonly device: string;
  readonly proof: Proof;
}

/** What stands in a program for a secret that only its reader knows. */
export const SECRET_PLACE = 'paste the secret here';

/** The file in which a device's private key is taken to be. */
export const keyFile = (device: string): string => `${device}-key.pem`;
