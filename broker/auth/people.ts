import { randomBytes } from 'node:crypto';
import { RequestFault } from '../contract/request-fault.ts';
import type { OneTimeCode, PersonChange, PersonRequest, ToldPerson } from '../contract/person.ts';
import type { PersonRecord, SessionRecord } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import { RESERVED_IDS } from './principal.ts';
import { digest } from './sessions.ts';

/** How long a one-time link is good, in ms. */
const CODE_LIFE = 3 * 86_400_000;

/** The person that the first start creates. */
const OWNER: Omit<PersonRecord, 'createdAt'> = { id: 'owner', name: 'Owner', role: 'admin', password: null };

/** Makes sure that there is somebody to sign in. */
export async function ensureOwner(store: Store, now: number): Promise<void> {
  if ((await store.people()).length === 0) await store.createPerson({ ...OWNER, createdAt: now });
}

/** Who is to be let in first: an administrator, or nobody once one of them has a password. */
export async function firstAdministrator(store: Store): Promise<PersonRecord | undefined> {
  const administrators = (await store.people()).filter(({ role }) => role === 'admin');
  if (administrators.some(({ password }) => password !== null)) return undefined;
  return administrators.find(({ id }) => id === OWNER.id) ?? administrators[0];
}

/** @throws RequestFault where there is no such person */
export async function personOf(store: Store, id: string): Promise<PersonRecord> {
  const person = await store.person(id);
  if (person) return person;
  throw new RequestFault('notFound', `there is nobody called ${id}`);
}

/** Everybody, with how many of their sessions go on. */
export async function listPeople(store: Store, now: number): Promise<ToldPerson[]> {
  const [people, sessions] = await Promise.all([store.people(), store.sessions()]);
  const open = Map.groupBy(
    sessions.filter(({ expiresAt }) => expiresAt > now),
    ({ person }) => person,
  );
  return people.map((person) => toldPerson(person, open.get(person.id) ?? []));
}

/**
 * Invites somebody: they choose a password by the code, which is told once.
 * @param by who invites them
 * @throws RequestFault where the id is taken or reserved
 */
export async function invite(
  store: Store,
  { id, name = id, role }: PersonRequest,
  by: string,
  now: number,
): Promise<{ person: ToldPerson; invitation: OneTimeCode }> {
  const record: PersonRecord = { id, name, role, password: null, createdAt: now };
  requireFreeId(id);
  if (!(await store.createPerson(record))) throw idTaken(id);
  return { person: toldPerson(record, []), invitation: await oneTimeCode(store, id, by, now) };
}

/**
 * A code with which a person chooses a password, once, in place of any they had. Only its digest is stored.
 * @param by who makes it: it is good no longer than they may
 * @throws RequestFault where there is no such person
 */
export async function oneTimeCode(store: Store, id: string, by: string, now: number): Promise<OneTimeCode> {
  await personOf(store, id);
  const code = randomBytes(24).toString('base64url');
  const expiresAt = now + CODE_LIFE;
  await store.saveSignInCode({ hash: digest(code), person: id, expiresAt, createdBy: by });
  return { code, expiresAt };
}

/** @throws RequestFault where there is no such person, or the last administrator would be none */
export async function changePerson(
  store: Store,
  id: string,
  change: PersonChange,
  now: number,
): Promise<ToldPerson> {
  if (!(await store.changePerson(id, change))) throw await refusalFor(store, id);
  const sessions = await store.sessionsOf(id);
  return toldPerson(
    await personOf(store, id),
    sessions.filter(({ expiresAt }) => expiresAt > now),
  );
}

/** @throws RequestFault where there is no such person, or it is the last administrator */
export async function removePerson(store: Store, id: string): Promise<void> {
  if (!(await store.removePerson(id))) throw await refusalFor(store, id);
}

/** @throws RequestFault where the id stands for the hub itself */
export function requireFreeId(id: string): void {
  if (RESERVED_IDS.has(id)) throw new RequestFault('conflict', `@${id} is the hub itself: choose another id`);
}

export const idTaken = (id: string): RequestFault =>
  new RequestFault(
    'conflict',
    `@${id} is there already: people and services share their ids, so choose another`,
  );

async function refusalFor(store: Store, id: string): Promise<RequestFault> {
  await personOf(store, id);
  return new RequestFault(
    'conflict',
    `@${id} is the last administrator: make somebody else one first, or nobody could let others in`,
  );
}

function toldPerson(
  { id, name, role, password, createdAt }: PersonRecord,
  sessions: readonly SessionRecord[],
): ToldPerson {
  const renewedAt = Math.max(...sessions.map((session) => session.renewedAt));
  return {
    id,
    name,
    role,
    createdAt,
    hasPassword: password !== null,
    sessions: sessions.length,
    ...(sessions.length > 0 && { renewedAt }),
  };
}
