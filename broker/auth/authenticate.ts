import { isId } from '#firmware-protocol';
import type { PeopleStore } from '../store/people.ts';
import type { DeviceRecord } from '../store/registry.ts';
import type { Store } from '../store/store.ts';
import { verifyAccessToken } from './access-tokens.ts';
import { secretMatches } from './device-secrets.ts';
import type { HubKeys } from './keys.ts';
import type { Principal } from './principal.ts';

/** What a CONNECT shows. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** A refusal. The cause is for the log of the hub: its client learns only that it was refused. */
export interface Denied {
  readonly kind: 'denied';
  readonly cause: string;
}

export type Authenticate = (credentials: Credentials, now: number) => Promise<Principal | Denied>;

const denied = (cause: string): Denied => ({ kind: 'denied', cause });

/** A person, as an access token names them. */
export type Person = Extract<Principal, { kind: 'person' }>;

/** Decides whom an access token is of. */
export function tokenReader(
  store: PeopleStore,
  keys: HubKeys,
  tenant: string,
): (token: string, now: number) => Promise<Person | Denied> {
  return async (token, now) => {
    const access = await verifyAccessToken(keys, token, now);
    if (typeof access === 'string') return denied(access);
    const { person, sid, role, expiresAt } = access;
    const session = await store.sessionById(sid);
    if (!session || session.expiresAt <= now) return denied(`the session of @${person} has ended`);
    return { kind: 'person', tenant, id: person, role, sid, expiresAt };
  };
}

/**
 * Decides who a CONNECT comes from: a device with user name `{tenant}/{device}` and its secret, or a person with
 * user name `@{id}` and an access token.
 * @param introduce hears of each device that has shown its secret, as it is registered, before its CONNECT is answered
 */
export function authenticator(
  store: Store,
  keys: HubKeys,
  tenant: string,
  introduce: (device: DeviceRecord) => void,
): Authenticate {
  const personOf = tokenReader(store, keys, tenant);

  async function person(id: string, token: string, now: number): Promise<Principal | Denied> {
    const found = await personOf(token, now);
    const isSomebodyElse = found.kind === 'person' && found.id !== id;
    return isSomebodyElse ? denied(`the access token belongs to @${found.id}`) : found;
  }

  async function device(username: string, secret: string): Promise<Principal | Denied> {
    const [tenantId, id, ...rest] = username.split('/');
    if (rest.length > 0 || !isId(id) || !isId(tenantId)) {
      return denied('the user name must be {tenant}/{device}, or @{person} with an access token');
    }
    const record = tenantId === tenant ? await store.device(id) : undefined;
    if (!record) return denied('there is no such device: create it with "device create"');
    if (!secretMatches(keys.secretsKey, id, secret, record.secretMac)) return denied('the secret is wrong');
    introduce(record);
    return { kind: 'device', tenant, id };
  }

  return async ({ username, password }, now) => {
    if (!username) return denied('a user name is missing');
    if (!password) return denied('a password is missing');
    return username.startsWith('@') ? person(username.slice(1), password, now) : device(username, password);
  };
}
