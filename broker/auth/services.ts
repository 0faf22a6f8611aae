import { RequestFault } from '../contract/request-fault.ts';
import type { ServiceChange, ToldService } from '../contract/service.ts';
import type { ServiceRecord, ServiceRecordChange } from '../store/credentials.ts';
import type { Store } from '../store/store.ts';
import type { HubKeys } from './keys.ts';
import { newOpaque } from './opaque-tokens.ts';
import { idTaken, requireFreeId } from './people.ts';
import type { Service } from './principal.ts';

/** Where services are kept, and what keys their tokens. */
export interface ServiceAccess {
  readonly store: Store;
  readonly keys: HubKeys;
}

/** What a service is made with. */
export type NewService = Pick<ServiceRecord, 'id' | 'publish' | 'subscribe' | 'role' | 'expiresAt'> & {
  readonly name?: string | undefined;
};

/** What a service is to the hub when it is there. */
export const servicePrincipal = (
  { id, role, publish, subscribe, generation, createdAt, expiresAt }: ServiceRecord,
  tenant: string,
): Service => ({
  kind: 'service',
  tenant,
  id,
  role,
  publish,
  subscribe,
  generation,
  createdAt,
  expiresAt: expiresAt ?? undefined,
});

export const listServices = async ({ store }: Pick<ServiceAccess, 'store'>): Promise<ToldService[]> =>
  (await store.services()).map(toldService);

/**
 * Makes a service, with a token that is told once.
 * @throws RequestFault where the id is taken or reserved
 */
export async function createService(
  { store, keys }: ServiceAccess,
  { name, ...request }: NewService,
  now: number,
): Promise<{ service: ToldService; token: string }> {
  requireFreeId(request.id);
  const { token, mac } = newOpaque('swy', request.id, keys.secretsKey);
  const record: ServiceRecord = {
    ...request,
    name: name ?? request.id,
    tokenMac: mac,
    disabled: 0,
    generation: 1,
    createdAt: now,
    changedAt: now,
  };
  if (!(await store.createService(record))) throw idTaken(request.id);
  return { service: toldService(record), token };
}

/** What is absent stays as it is. @throws RequestFault where there is no such service */
export async function changeService(
  { store }: Pick<ServiceAccess, 'store'>,
  id: string,
  { disabled, ...change }: ServiceChange,
): Promise<ToldService> {
  return changed(store, id, {
    ...change,
    ...(disabled !== undefined && { disabled: disabled ? 1 : 0 }),
  });
}

/** Gives a service another token in place of the one it had. @throws RequestFault where there is no such service */
export async function rotateService(
  { store, keys }: ServiceAccess,
  id: string,
  now: number,
): Promise<{ service: ToldService; token: string }> {
  const { token, mac } = newOpaque('swy', id, keys.secretsKey);
  return { service: await changed(store, id, { tokenMac: mac, changedAt: now }), token };
}

/** @throws RequestFault where there is no such service */
export async function removeService({ store }: Pick<ServiceAccess, 'store'>, id: string): Promise<void> {
  if (!(await store.removeService(id))) throw unknown(id);
}

async function changed(store: Store, id: string, change: ServiceRecordChange): Promise<ToldService> {
  const record = await store.changeService(id, change);
  if (!record) throw unknown(id);
  return toldService(record);
}

const unknown = (id: string): RequestFault => new RequestFault('notFound', `there is no service ${id}`);

const toldService = ({
  tokenMac: _mac,
  generation: _generation,
  disabled,
  publish,
  subscribe,
  ...record
}: ServiceRecord): ToldService => ({
  ...record,
  publish: [...publish],
  subscribe: [...subscribe],
  disabled: disabled === 1,
});
