import type { Role } from '../contract/session.ts';

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

export interface PeopleStore {
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
}
