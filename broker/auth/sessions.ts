import { createHash, randomBytes } from 'node:crypto';
import type { CodeOwner, Session, ToldSession } from '../contract/session.ts';
import { RequestFault } from '../contract/request-fault.ts';
import type { PersonRecord, Renewal, SessionRecord } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import { signAccessToken } from './access-tokens.ts';
import { ACCESS_TOKEN_LIFE, type HubKeys } from './keys.ts';
import { hashPassword, passwordFault, passwordMatches } from './passwords.ts';

/** How long a session lives, in ms. */
export const SESSION_LIFE = 30 * 86_400_000;
/** How much of a User-Agent is kept. */
const AGENT_LENGTH = 200;

const random = (): string => randomBytes(24).toString('base64url');
/** What is stored of what is random: there is nothing to guess. */
export const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** From where somebody signs in, and with what. */
export interface Visitor {
  readonly address: string;
  readonly agent: string;
}

/** A session as its browser gets it: what the page may know, and the cookie's value, which it may not. */
export interface GrantedSession {
  readonly session: Session;
  readonly cookie: string;
}

export interface SessionsOptions {
  readonly store: Store;
  readonly keys: HubKeys;
  readonly tenant: string;
  /** Told when sessions of a person may have ended. */
  readonly onEnded: (person: string) => void;
}

/** People's sign-in: sessions, and the access tokens that they yield. Times are Unix ms. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Whose one-time code this is; undefined where it is unknown, used or too old. It stays good. */
  async ownerOf(code: string, now: number): Promise<CodeOwner | undefined> {
    const { store } = this.#options;
    const known = await store.signInCode(digest(code));
    const person = known && known.expiresAt > now ? await store.person(known.person) : undefined;
    return person && { user: { id: person.id, name: person.name }, hasPassword: person.password !== null };
  }

  /**
   * Uses up a one-time code to choose a password, and signs in. All sessions that there were end. Returns undefined
   * where the code is unknown, used or too old.
   * @throws RequestFault where the password is not good enough; the code stays good
   */
  async signInByCode(
    code: string,
    password: string,
    visitor: Visitor,
    now: number,
  ): Promise<GrantedSession | undefined> {
    const { store, onEnded } = this.#options;
    const owner = await this.ownerOf(code, now);
    if (!owner) return undefined;
    const { id } = owner.user;
    requireGood(password, id);
    if (!(await store.useSignInCode(digest(code), await hashPassword(password), now))) return undefined;
    onEnded(id);
    const person = await store.person(id);
    return person && this.#open(person, visitor, now);
  }

  /** Signs in with a password. Returns undefined where there is no such person, or it is not theirs. */
  async signIn(
    id: string,
    password: string,
    visitor: Visitor,
    now: number,
  ): Promise<GrantedSession | undefined> {
    const person = await this.#options.store.person(id);
    const isTheirs = await passwordMatches(password, person?.password);
    return person && isTheirs ? this.#open(person, visitor, now) : undefined;
  }

  /** A new access token for the session of this cookie, or undefined where there is none any more. */
  async refresh(cookie: string, visitor: Visitor, now: number): Promise<Session | undefined> {
    const { store } = this.#options;
    const record = await store.session(digest(cookie));
    const person = record && record.expiresAt > now ? await store.person(record.person) : undefined;
    if (!record || !person || !(await store.renewSession(record.sid, renewal(visitor, now))))
      return undefined;
    return this.#grant(person, record, now);
  }

  /** Ends the session of this cookie. @returns whose it was */
  async signOut(cookie: string): Promise<string | undefined> {
    const { store } = this.#options;
    const record = await store.session(digest(cookie));
    if (!record) return undefined;
    await this.end(record.person, record.sid);
    return record.person;
  }

  /** @returns false where the person has no such session */
  async end(person: string, sid: string): Promise<boolean> {
    const { store, onEnded } = this.#options;
    const ended = await store.removeSession(person, sid);
    onEnded(person);
    return ended;
  }

  /** Ends all sessions of a person, but for one, and withdraws their one-time code. @returns how many sessions */
  async endAll(person: string, except?: string): Promise<number> {
    const { store, onEnded } = this.#options;
    const ended = await store.removeSessionsOf(person, except);
    onEnded(person);
    return ended;
  }

  /**
   * Changes a password, ends all other sessions of its person, and withdraws their one-time code.
   * @returns undefined where the current one is not theirs, or the session has ended meanwhile
   * @throws RequestFault where the new one is not good enough
   */
  async changePassword(
    { id, sid }: { readonly id: string; readonly sid: string },
    current: string,
    password: string,
  ): Promise<true | undefined> {
    const { store, onEnded } = this.#options;
    requireGood(password, id);
    const shown = (await store.person(id))?.password ?? null;
    if (!(await passwordMatches(current, shown)) || shown === null) return undefined;
    if (!(await store.changePassword(sid, shown, await hashPassword(password)))) return undefined;
    onEnded(id);
    return true;
  }

  /** The sessions of a person that go on, the one that was renewed last first. */
  async list(person: string, now: number, current?: string): Promise<ToldSession[]> {
    const records = await this.#options.store.sessionsOf(person);
    return records
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ sid, createdAt, renewedAt, expiresAt, address, agent }) => ({
        id: sid,
        createdAt,
        renewedAt,
        expiresAt,
        address,
        agent,
        current: sid === current,
      }));
  }

  /** Whether somebody is signed in from an address. */
  async isKnownAt(person: string, address: string, now: number): Promise<boolean> {
    const records = await this.#options.store.sessionsOf(person);
    return records.some((record) => record.expiresAt > now && record.address === address);
  }

  /** @returns undefined where the password that was shown has been changed meanwhile */
  async #open(person: PersonRecord, visitor: Visitor, now: number): Promise<GrantedSession | undefined> {
    const { record, cookie } = newSession(person, visitor, now, SESSION_LIFE);
    const { store } = this.#options;
    if (!(await store.createSession(record, person.password ?? undefined))) return undefined;
    return { session: await this.#grant(person, record, now), cookie };
  }

  async #grant(person: PersonRecord, { sid }: SessionRecord, now: number): Promise<Session> {
    const { keys, tenant } = this.#options;
    const { id, name, role } = person;
    const { token, expiresAt } = await signAccessToken(keys, { person: id, sid }, now);
    return { accessToken: token, expiresAt, tenant, user: { id, name, role } };
  }
}

export const noSuchSession = (): RequestFault =>
  new RequestFault('notFound', 'there is no such session: it may have ended already');

function requireGood(password: string, owner: string): void {
  const fault = passwordFault(password, owner);
  if (fault !== undefined) throw new RequestFault('invalid', `password: ${fault}`);
}

const renewal = ({ address, agent }: Visitor, renewedAt: number): Renewal => ({
  renewedAt,
  address,
  agent: agent.slice(0, AGENT_LENGTH),
});

function newSession(person: PersonRecord, visitor: Visitor, now: number, life: number) {
  const cookie = random();
  const record: SessionRecord = {
    hash: digest(cookie),
    sid: random(),
    person: person.id,
    createdAt: now,
    expiresAt: now + life,
    ...renewal(visitor, now),
  };
  return { record, cookie };
}

/** An access token for a script, in a session of its own that ends with it. */
export async function createAccessToken(
  store: Store,
  keys: HubKeys,
  { person, now }: { person: PersonRecord; now: number },
): Promise<{ token: string; expiresAt: number }> {
  const visitor = { address: '', agent: 'command line' };
  const { record } = newSession(person, visitor, now, ACCESS_TOKEN_LIFE);
  await store.createSession(record);
  return signAccessToken(keys, { person: person.id, sid: record.sid }, now);
}
