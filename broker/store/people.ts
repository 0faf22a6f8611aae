import type { Role } from '../contract/session.ts';

/** People, their sessions, and the one-time codes with which they choose a password. Times are Unix time in ms. */

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Hash of the password, in the form of PHC; null until one was chosen. */
  readonly password: string | null;
  readonly createdAt: number;
}

export type PersonChange = { readonly [K in 'name' | 'role']?: PersonRecord[K] | undefined };

export interface SessionRecord {
  /** SHA-256 of the cookie's value. */
  readonly hash: Uint8Array;
  /** Names the session in access tokens. */
  readonly sid: string;
  readonly person: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When an access token was last made of it, from where, and by what. */
  readonly renewedAt: number;
  readonly address: string;
  readonly agent: string;
}

export type Renewal = Pick<SessionRecord, 'renewedAt' | 'address' | 'agent'>;

export interface SignInCodeRecord {
  /** SHA-256 of the code. */
  readonly hash: Uint8Array;
  readonly person: string;
  readonly expiresAt: number;
  /** `@person` or `@service`, or `@hub` for the command line. */
  readonly createdBy: string;
}

export interface PeopleStore {
  people(): Promise<PersonRecord[]>;
  person(id: string): Promise<PersonRecord | undefined>;
  /** @returns false where a person or a service has the id */
  createPerson(person: PersonRecord): Promise<boolean>;
  /**
   * What is absent stays as it is. Whoever is no administrator any more loses the codes that they have made.
   * @returns false where there is no such person, or the last administrator would be none
   */
  changePerson(id: string, change: PersonChange): Promise<boolean>;
  /**
   * Removes a person, and the codes that they have made.
   * @returns false where there is no such person, or it is the last administrator
   */
  removePerson(id: string): Promise<boolean>;

  /** In place of the code that its person had. */
  saveSignInCode(code: SignInCodeRecord): Promise<void>;
  signInCode(hash: Uint8Array): Promise<SignInCodeRecord | undefined>;
  /**
   * Uses a code up: sets the password that was chosen by it, and ends all sessions of its person.
   * @returns false where the code is unknown or too old
   */
  useSignInCode(hash: Uint8Array, password: string, now: number): Promise<boolean>;
  /**
   * Changes a password by one of its person's sessions, ends all others at once, and withdraws their code.
   * @param shown the one that was looked at, which takes a while
   * @returns false where it is another by now, or the session has ended
   */
  changePassword(sid: string, shown: string, password: string): Promise<boolean>;

  sessions(): Promise<SessionRecord[]>;
  sessionsOf(person: string): Promise<SessionRecord[]>;
  /**
   * @param shown the password that was looked at, which takes a while: none must let somebody in that was changed since
   * @returns false where the person has another by now, or is gone
   */
  createSession(session: SessionRecord, shown?: string): Promise<boolean>;
  session(hash: Uint8Array): Promise<SessionRecord | undefined>;
  /** The session that access tokens name. */
  sessionById(sid: string): Promise<SessionRecord | undefined>;
  /** @returns false where the session has ended */
  renewSession(sid: string, renewal: Renewal): Promise<boolean>;
  /** Ends one session of a person. @returns false where there is none */
  removeSession(person: string, sid: string): Promise<boolean>;
  /** Ends all sessions of a person, but for one, and withdraws their code. @returns how many sessions */
  removeSessionsOf(person: string, except?: string): Promise<number>;
}
