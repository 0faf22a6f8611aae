import { ensureOwner, oneTimeCode } from '../auth/people.ts';
import { createAccessToken } from '../auth/sessions.ts';
import { StartError } from '../config/start-error.ts';
import type { PersonRecord } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import { audit } from './audit.ts';
import type { CommandContext } from './open-store.ts';

/** Where a hub notes the address of its console, for commands that are run beside it. */
export const ADDRESS_FILE = 'address.txt';

async function findPerson(store: Store, id: string): Promise<PersonRecord> {
  const person = await store.person(id);
  if (person) return person;
  const known = (await store.people()).map((each) => each.id).join(', ');
  throw new StartError(`there is nobody called ${id}`, `known are: ${known}`);
}

/** The address of the console: as the last hub on this folder had it, or as the settings say. */
export function consoleAddress({ settings, folder }: CommandContext): string {
  return folder.read(ADDRESS_FILE)?.trim() ?? `https://localhost:${settings.https.port}`;
}

/**
 * A link with which a person chooses a password and signs in, once.
 * @throws StartError where there is no such person
 */
export async function signInLink(
  store: Store,
  baseUrl: string,
  personId: string,
  now: number,
): Promise<string> {
  await ensureOwner(store, now);
  const { id } = await findPerson(store, personId);
  await audit(store, 'sign-in-link', [id], now);
  return `${baseUrl}/sign-in#${(await oneTimeCode(store, id, now)).code}`;
}

/**
 * An access token for a script: the password of a CONNECT, for fifteen minutes.
 * @throws StartError where there is no such person
 */
export async function accessToken(
  { store, keys }: CommandContext,
  personId: string,
  now: number,
): Promise<string> {
  await ensureOwner(store, now);
  const person = await findPerson(store, personId);
  await audit(store, 'token', [person.id], now);
  return (await createAccessToken(store, keys, { person, now })).token;
}
