import { createHash, randomBytes } from 'node:crypto';
import type { Session } from '../contract/session.ts';
import type { PersonRecord, SessionRecord } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import { ACCESS_TOKEN_LIFE, signAccessToken } from './access-tokens.ts';
import type { HubKeys } from './keys.ts';

/** How long a sign-in code waits to be used, in ms. */
const CODE_LIFE = 24 * 3_600_000;
/** How long a session lives, in ms. */
export const SESSION_LIFE = 30 * 86_400_000;

const random = (): string => randomBytes(24).toString('base64url');
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A session as its browser gets it: what the page may know, and the cookie's value, which it may not. */
export interface GrantedSession {
  readonly session: Session;
  readonly cookie: string;
}

export interface SessionsOptions {
  readonly store: Store;
  readonly keys: HubKeys;
  readonly tenant: string;
  /** Told when an access token was renewed, so that links of that session live on. */
  readonly onExtended: (sid: string, expiresAt: number) => void;
  readonly onEnded: (sid: string) => void;
}

/** People's sign-in: one-time codes, sessions, and the access tokens that they yield. Times are Unix ms. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Exchanges a one-time code. Returns undefined where it is unknown, used or too old. */
  async signIn(code: string, now: number): Promise<GrantedSession | undefined> {
    const { store } = this.#options;
    const taken = await store.takeSignInCode(digest(code));
    const person = taken && taken.expiresAt > now ? await store.person(taken.person) : undefined;
    if (!person) return undefined;
    const { record, cookie } = newSession(person, now + SESSION_LIFE, now);
    await store.saveSession(record);
    return { session: await this.#grant(person, record, now), cookie };
  }

  /** A new access token for the session of this cookie, or undefined where there is none any more. */
  async refresh(cookie: string, now: number): Promise<Session | undefined> {
    const { store } = this.#options;
    const record = await store.session(digest(cookie));
    const person = record && record.expiresAt > now ? await store.person(record.person) : undefined;
    return record && person ? this.#grant(person, record, now) : undefined;
  }

  async signOut(cookie: string): Promise<void> {
    const { store, onEnded } = this.#options;
    const hash = digest(cookie);
    const record = await store.session(hash);
    if (!record) return;
    await store.removeSession(hash);
    onEnded(record.sid);
  }

  async #grant(person: PersonRecord, { sid }: SessionRecord, now: number): Promise<Session> {
    const { keys, tenant, onExtended } = this.#options;
    const { id, name, role } = person;
    const { token, expiresAt } = await signAccessToken(keys, { person: id, sid, role }, now);
    onExtended(sid, expiresAt);
    return { accessToken: token, expiresAt, tenant, user: { id, name, role } };
  }
}

function newSession(person: PersonRecord, expiresAt: number, now: number) {
  const cookie = random();
  const record: SessionRecord = {
    hash: digest(cookie),
    sid: random(),
    person: person.id,
    createdAt: now,
    expiresAt,
  };
  return { record, cookie };
}

/** An access token for a script, in a session of its own that ends with it. */
export async function createAccessToken(
  store: Store,
  keys: HubKeys,
  { person, now }: { person: PersonRecord; now: number },
): Promise<{ token: string; expiresAt: number }> {
  const { record } = newSession(person, now + ACCESS_TOKEN_LIFE, now);
  await store.saveSession(record);
  return signAccessToken(keys, { person: person.id, sid: record.sid, role: person.role }, now);
}

/** Makes a one-time sign-in code for a person. Only its digest is stored. */
export async function createSignInCode(store: Store, person: string, now: number): Promise<string> {
  const code = random();
  await store.saveSignInCode({ hash: digest(code), person, expiresAt: now + CODE_LIFE });
  return code;
}
