import type { Role } from '../contract/session.ts';
import type { DeviceRecord } from './registry.ts';

/** With what devices and services connect, and devices register themselves. Times are Unix time in ms. */

/** What a device connects with: a secret, or a key of its own, or neither where it was revoked. */
export interface CredentialRecord {
  readonly device: string;
  /** Keyed hash of the secret. */
  readonly secretMac: Uint8Array | null;
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string | null;
  readonly disabled: 0 | 1;
  /** Rises with each change, so that links made before it are told apart. */
  readonly generation: number;
  /** When the secret or the key was last made, replaced or revoked. */
  readonly changedAt: number;
  /** The claim with which the device registered itself, and the model that it must be of then. */
  readonly claim: string | null;
  readonly model: string | null;
}

/** What may change of it. What is absent stays as it is. */
export interface CredentialChange {
  readonly credential?: Pick<CredentialRecord, 'secretMac' | 'publicKey' | 'changedAt'>;
  readonly disabled?: 0 | 1;
}

/** What links are held to. */
export type Standing = Pick<CredentialRecord, 'generation' | 'disabled'>;

export interface ServiceRecord {
  readonly id: string;
  readonly name: string;
  /** Keyed hash of its token's secret. */
  readonly tokenMac: Uint8Array;
  /** Topic filters. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** As what it may use the HTTP API. */
  readonly role: Role | null;
  readonly expiresAt: number | null;
  readonly disabled: 0 | 1;
  /** Rises with each change of what it may do, or of its token. */
  readonly generation: number;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What may change of a service. What is absent stays as it is. */
export type ServiceRecordChange = {
  readonly [K in keyof Omit<ServiceRecord, 'id' | 'generation' | 'createdAt'>]?: ServiceRecord[K] | undefined;
};

export interface ClaimRecord {
  readonly id: string;
  readonly name: string;
  readonly tokenMac: Uint8Array;
  readonly uses: number;
  readonly left: number;
  readonly expiresAt: number;
  readonly model: string | null;
  readonly place: string;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
}

/** What became of a device's attempt to register itself: registered, given another credential, or why not. */
export type Claimed = 'made' | 'again' | 'spent' | 'taken';

export interface CredentialStore {
  credential(device: string): Promise<CredentialRecord | undefined>;
  /** What links of these devices are held to; those that are gone are not among them. */
  standings(devices: readonly string[]): Promise<(Standing & { readonly device: string })[]>;
  /** @returns false where there is no such device */
  changeCredential(device: string, change: CredentialChange): Promise<boolean>;

  services(): Promise<ServiceRecord[]>;
  service(id: string): Promise<ServiceRecord | undefined>;
  /** @returns false where a service or a person has the id */
  createService(service: ServiceRecord): Promise<boolean>;
  /**
   * One that is no administrator any more, or disabled, loses the one-time codes that it has made.
   * @returns the service as it is then, or undefined where there is none
   */
  changeService(id: string, change: ServiceRecordChange): Promise<ServiceRecord | undefined>;
  /** Removes a service, and the one-time codes that it has made. @returns false where there is none */
  removeService(id: string): Promise<boolean>;

  claims(): Promise<ClaimRecord[]>;
  claim(id: string): Promise<ClaimRecord | undefined>;
  createClaim(claim: ClaimRecord): Promise<void>;
  removeClaim(id: string): Promise<boolean>;
  /**
   * Registers a device and takes one use of a claim, at once. A device that the same claim registered before, and that
   * has never connected, gets the credential, and no use is taken: its last answer may not have reached it.
   * What was revoked or disabled meanwhile stays so.
   */
  useClaim(claim: string, device: DeviceRecord, credential: CredentialRecord, now: number): Promise<Claimed>;
}
