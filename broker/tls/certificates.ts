import { X509Certificate } from 'node:crypto';

/** What the https listener presents, PEM encoded (RFC 7468). */
export interface Certificates {
  readonly key: string;
  /** The server's certificate, followed by those that issued it. */
  readonly cert: string;
  /** The local authority that clients must trust, where the certificate is of one. */
  readonly ca?: string;
  /** Every name and address by which the hub is reached. */
  readonly names: readonly string[];
}

/** Where the hub has its certificate from. */
export interface CertificateSource {
  /** How often to look for a newer one, in ms. */
  readonly every: number;
  /**
   * The certificate to start with.
   * @param now Unix time in ms
   * @throws StartError where there is none that can be used
   */
  load(now: number): Promise<Certificates>;
  /** What to present from now on, or undefined where nothing has to change. */
  newer(now: number): Promise<Certificates | undefined>;
}

/** By what people know the hub: the SHA-256 of its authority's certificate, or of the one that it was given. */
export const fingerprintOf = ({ ca, cert }: Certificates): string =>
  new X509Certificate(ca ?? cert).fingerprint256;
