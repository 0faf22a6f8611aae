import type { Role } from '../contract/session.ts';

/** What the hub keeps. Times are Unix time in ms; binary columns hold payloads of the protocol or digests. */

export interface DeviceRecord {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  /** Keyed hash of the secret. */
  readonly secretMac: Uint8Array;
  readonly createdAt: number;
}

/** What is known of a device, as it was last saved. */
export interface TwinRecord {
  readonly device: string;
  /** Payload of the last `up/desc`. */
  readonly desc: Uint8Array | null;
  /** All last reported values, sampled ones too, as the payload of an `up/state`. */
  readonly reported: Uint8Array | null;
  /** What is wanted, as the payload of a `dn/desired`, and who wanted it last. */
  readonly desired: Uint8Array | null;
  readonly who: string | null;
  readonly st: number;
  readonly since: number | null;
  readonly seenAt: number | null;
}

export interface CommandRecord {
  readonly device: string;
  /** Eight bytes in hex: the idempotency key, unique for its device. */
  readonly id: string;
  readonly who: string;
  /** The request as it was received, payload of `rq/cmd`. */
  readonly request: Uint8Array;
  readonly st: number;
  /** When this step happened. */
  readonly t: number;
  readonly createdAt: number;
  readonly exp: number;
  /** The boot of the device to which it was sent. */
  readonly boot: number | null;
  readonly code: number | null;
  readonly msg: string | null;
}

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
}

export interface SessionRecord {
  /** SHA-256 of the cookie's value. */
  readonly hash: Uint8Array;
  /** Names the session in access tokens. */
  readonly sid: string;
  readonly person: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface SignInCodeRecord {
  /** SHA-256 of the code. */
  readonly hash: Uint8Array;
  readonly person: string;
  readonly expiresAt: number;
}

export interface Store {
  devices(): Promise<DeviceRecord[]>;
  device(id: string): Promise<DeviceRecord | undefined>;
  /** @returns false where the id is taken */
  createDevice(device: DeviceRecord): Promise<boolean>;
  /** Removes a device with all that is kept of it. @returns false where there was none */
  removeDevice(id: string): Promise<boolean>;

  twins(): Promise<TwinRecord[]>;
  /** Saves several twins at once or none of them. */
  saveTwins(twins: readonly TwinRecord[]): Promise<void>;

  /** Commands whose state is none of those given. */
  commandsNotIn(states: readonly number[]): Promise<CommandRecord[]>;
  command(device: string, id: string): Promise<CommandRecord | undefined>;
  /** Saves several commands at once or none of them. */
  saveCommands(commands: readonly CommandRecord[]): Promise<void>;

  people(): Promise<PersonRecord[]>;
  person(id: string): Promise<PersonRecord | undefined>;
  /** @returns false where the id is taken */
  createPerson(person: PersonRecord): Promise<boolean>;

  saveSignInCode(code: SignInCodeRecord): Promise<void>;
  /** Takes a code out, so that it works once. */
  takeSignInCode(hash: Uint8Array): Promise<SignInCodeRecord | undefined>;
  saveSession(session: SessionRecord): Promise<void>;
  session(hash: Uint8Array): Promise<SessionRecord | undefined>;
  /** The session that access tokens name. */
  sessionById(sid: string): Promise<SessionRecord | undefined>;
  removeSession(hash: Uint8Array): Promise<void>;

  /** A number that changes when another process has written to the store. */
  foreignVersion(): Promise<number>;
  close(): Promise<void>;
}
