import { isId } from '#firmware-protocol';
import type { DeviceRecord } from '../store/registry.ts';
import type { Store } from '../store/store.ts';
import { verifyAccessToken } from './access-tokens.ts';
import { verifyDeviceToken } from './device-tokens.ts';
import type { HubKeys } from './keys.ts';
import { opaqueMatches, parseOpaque, type OpaqueToken } from './opaque-tokens.ts';
import type { DevicePrincipal, Person, Principal, Service } from './principal.ts';
import { secretMatches } from './secrets.ts';
import { servicePrincipal } from './services.ts';

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

/** Whom a token is of that people and services show: an access token, or the token of a service. */
export type Identify = (token: string, now: number) => Promise<Person | Service | Denied>;

const denied = (cause: string): Denied => ({ kind: 'denied', cause });

const NOT_A_NAME =
  'the user name must be {tenant}/{device}, or "@" and the id of a person or a service with its token';

export function tokenReader(
  store: Pick<Store, 'sessionById' | 'person' | 'service'>,
  keys: HubKeys,
  tenant: string,
): Identify {
  async function person(token: string, now: number): Promise<Person | Denied> {
    const access = await verifyAccessToken(keys, token, now);
    if (typeof access === 'string') return denied(access);
    const { person: id, sid, expiresAt } = access;
    const [session, record] = await Promise.all([store.sessionById(sid), store.person(id)]);
    if (!record || session?.person !== id || session.expiresAt <= now) {
      return denied(`the session of @${id} has ended`);
    }
    return { kind: 'person', tenant, id, role: record.role, sid, expiresAt };
  }

  async function service(token: OpaqueToken, now: number): Promise<Service | Denied> {
    const { id } = token;
    const record = await store.service(id);
    if (!record) return denied(`there is no service @${id}`);
    if (!opaqueMatches('swy', token, record.tokenMac, keys.secretsKey)) return denied('the token is wrong');
    if (record.disabled) return denied(`the service @${id} is disabled`);
    const { expiresAt } = record;
    if (expiresAt !== null && expiresAt <= now) return denied(`the access of @${id} has ended`);
    return servicePrincipal(record, tenant);
  }

  return (token, now) => {
    const opaque = parseOpaque('swy', token);
    return opaque ? service(opaque, now) : person(token, now);
  };
}

/**
 * Decides who a CONNECT comes from: a device with user name `{tenant}/{device}` and its secret or a token that it has
 * signed, or a person or a service with user name `@{id}` and a token.
 * @param introduce hears of each device that has shown its credential, as it is registered, before its CONNECT is
 * answered
 */
export function authenticator(
  store: Store,
  keys: HubKeys,
  tenant: string,
  introduce: (device: DeviceRecord) => void,
): Authenticate {
  const identify = tokenReader(store, keys, tenant);

  async function bearer(id: string, token: string, now: number): Promise<Principal | Denied> {
    const found = await identify(token, now);
    const isSomebodyElse = found.kind !== 'denied' && found.id !== id;
    return isSomebodyElse ? denied(`the token belongs to @${found.id}`) : found;
  }

  async function device(username: string, shown: string, now: number): Promise<DevicePrincipal | Denied> {
    const [tenantId, id, ...rest] = username.split('/');
    if (rest.length > 0 || !isId(id) || !isId(tenantId)) return denied(NOT_A_NAME);
    const [record, credential] =
      tenantId === tenant ? await Promise.all([store.device(id), store.credential(id)]) : [];
    if (!record) return denied('there is no such device: create it with "device create"');
    if (!credential || (credential.secretMac === null && credential.publicKey === null)) {
      return denied('it has no credential any more: make one with "device rotate"');
    }
    const { secretMac, publicKey, generation, model } = credential;
    const expiresAt =
      publicKey === null ? undefined : await verifyDeviceToken(publicKey, `${tenant}/${id}`, shown, now);
    if (typeof expiresAt === 'string') return denied(expiresAt);
    if (publicKey === null && !secretMatches(keys.secretsKey, id, shown, secretMac)) {
      return denied('the secret is wrong');
    }
    if (credential.disabled) return denied('it is disabled');
    introduce(record);
    return { kind: 'device', tenant, id, generation, model: model ?? undefined, expiresAt };
  }

  return async ({ username, password }, now) => {
    if (!username) return denied('a user name is missing');
    if (!password) return denied('a password is missing');
    return username.startsWith('@')
      ? bearer(username.slice(1), password, now)
      : device(username, password, now);
  };
}
