import { RequestFault } from '../contract/request-fault.ts';
import type { DeviceRequest, Issued, ToldCredential } from '../contract/credential.ts';
import type { CredentialChange, CredentialRecord } from '../store/credentials.ts';
import type { DeviceRecord } from '../store/registry.ts';
import type { Store } from '../store/store.ts';
import { checkedPublicKey, thumbprintOf } from './device-tokens.ts';
import type { HubKeys } from './keys.ts';
import { newSecret, secretMac } from './secrets.ts';

/** Where devices' credentials are kept, and what keys them. */
export interface DeviceAccess {
  readonly store: Store;
  readonly keys: HubKeys;
  readonly tenant: string;
}

type Made = Pick<CredentialRecord, 'secretMac' | 'publicKey' | 'changedAt'>;

/** A new secret for a device, or its own key in the form in which it is kept. @throws RequestFault for a bad key */
export function newCredential(
  { keys, tenant }: Pick<DeviceAccess, 'keys' | 'tenant'>,
  id: string,
  publicKey: string | undefined,
  changedAt: number,
): { readonly made: Made; readonly issued: Issued } {
  if (publicKey !== undefined) {
    const made = { secretMac: null, publicKey: checkedPublicKey(publicKey), changedAt };
    return { made, issued: { tenant, id } };
  }
  const secret = newSecret();
  const made = { secretMac: secretMac(keys.secretsKey, id, secret), publicKey: null, changedAt };
  return { made, issued: { tenant, id, secret } };
}

/** The records of a device that is registered. */
export function newDevice(
  { id, name = '', place = '', tags = [] }: DeviceRequest,
  made: Made,
  by: Pick<CredentialRecord, 'claim' | 'model'> = { claim: null, model: null },
): { readonly device: DeviceRecord; readonly credential: CredentialRecord } {
  return {
    device: { id, name: name || id, place, tags: [...new Set(tags)], createdAt: made.changedAt },
    credential: { device: id, ...made, disabled: 0, generation: 1, ...by },
  };
}

/**
 * Registers devices, none where an id is taken, and tells what they connect with, which cannot be told again.
 * @throws RequestFault where an id is taken, or a key is none
 */
export async function registerDevices(
  access: DeviceAccess,
  requests: readonly DeviceRequest[],
  now: number,
): Promise<Issued[]> {
  const made = requests.map((request) => {
    const { made: credential, issued } = newCredential(access, request.id, request.publicKey, now);
    return { issued, ...newDevice(request, credential) };
  });
  const [taken] = await access.store.createDevices(
    made.map(({ device }) => device),
    made.map(({ credential }) => credential),
  );
  if (taken !== undefined) throw deviceTaken(taken);
  return made.map(({ issued }) => issued);
}

/** Gives a device another secret, or a key of its own, in place of what it had. @throws RequestFault */
export async function rotateCredential(
  access: DeviceAccess,
  id: string,
  publicKey: string | undefined,
  now: number,
): Promise<Issued> {
  const { made, issued } = newCredential(access, id, publicKey, now);
  await change(access, id, { credential: made });
  return issued;
}

/** Takes a device's credential away: it cannot connect until it gets another. @throws RequestFault */
export const revokeCredential = (access: DeviceAccess, id: string, now: number): Promise<void> =>
  change(access, id, { credential: { secretMac: null, publicKey: null, changedAt: now } });

/** Bars a device from connecting, or lets it again. @throws RequestFault */
export const disableDevice = (access: DeviceAccess, id: string, disabled: boolean): Promise<void> =>
  change(access, id, { disabled: disabled ? 1 : 0 });

/** @throws RequestFault where there is no such device */
export async function removeDevice({ store }: Pick<DeviceAccess, 'store'>, id: string): Promise<void> {
  if (!(await store.removeDevice(id))) throw unknown(id);
}

/** @throws RequestFault where there is no such device */
export async function toldCredential(
  { store }: Pick<DeviceAccess, 'store'>,
  id: string,
): Promise<ToldCredential> {
  const [device, credential] = await Promise.all([store.device(id), store.credential(id)]);
  if (!device || !credential) throw unknown(id);
  const { secretMac: mac, publicKey, disabled, changedAt, claim } = credential;
  return {
    kind: publicKey !== null ? 'key' : mac !== null ? 'secret' : 'none',
    disabled: disabled === 1,
    createdAt: device.createdAt,
    changedAt,
    ...(publicKey !== null && { thumbprint: await thumbprintOf(publicKey) }),
    ...(claim !== null && { claim }),
  };
}

async function change(
  { store }: Pick<DeviceAccess, 'store'>,
  id: string,
  to: CredentialChange,
): Promise<void> {
  if (!(await store.changeCredential(id, to))) throw unknown(id);
}

export const deviceTaken = (id: string): RequestFault =>
  new RequestFault('conflict', `there is a device ${id} already: choose another id, or remove it first`);

const unknown = (id: string): RequestFault => new RequestFault('notFound', `there is no device ${id}`);
