import { ensureOwner, firstAdministrator, oneTimeCode, personOf } from '../auth/people.ts';
import { createAccessToken } from '../auth/sessions.ts';
import type { Store } from '../store/store.ts';
import { audit, COMMAND_LINE } from './audit.ts';
import type { CommandContext } from './open-store.ts';

/** The link that hands a one-time code over. */
export const linkWith = (baseUrl: string, code: string): string => `${baseUrl}/sign-in#${code}`;

/**
 * A link with which a person chooses a password and signs in, once.
 * @throws RequestFault where there is no such person
 */
export async function signInLink(
  store: Store,
  baseUrl: string,
  personId: string,
  now: number,
): Promise<string> {
  await ensureOwner(store, now);
  const { code } = await oneTimeCode(store, personId, COMMAND_LINE, now);
  await audit(store, 'person.link', [`@${personId}`], now);
  return linkWith(baseUrl, code);
}

/** A link for the first administrator, or undefined once one of them has a password. */
export async function firstSignInLink(
  store: Store,
  baseUrl: string,
  now: number,
): Promise<string | undefined> {
  await ensureOwner(store, now);
  const first = await firstAdministrator(store);
  return first && signInLink(store, baseUrl, first.id, now);
}

/**
 * An access token for a script: the password of a CONNECT, for fifteen minutes.
 * @throws RequestFault where there is no such person
 */
export async function accessToken(
  { store, keys }: CommandContext,
  personId: string,
  now: number,
): Promise<string> {
  await ensureOwner(store, now);
  const person = await personOf(store, personId);
  const { token } = await createAccessToken(store, keys, { person, now });
  await audit(store, 'token', [`@${person.id}`], now);
  return token;
}
