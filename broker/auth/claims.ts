import { randomBytes } from 'node:crypto';
import { RequestFault } from '../contract/request-fault.ts';
import type { ClaimRequest, ProvisionRequest, ToldClaim } from '../contract/claim.ts';
import type { Issued } from '../contract/credential.ts';
import type { ClaimRecord } from '../store/credentials.ts';
import { deviceTaken, newCredential, newDevice, type DeviceAccess } from './devices.ts';
import { newOpaque, opaqueMatches, parseOpaque } from './opaque-tokens.ts';

/** Why a device's claim is not accepted: it is told no more than that. The cause is for the log. */
export class ClaimRefused extends Error {
  override readonly name = 'ClaimRefused';
  /** The id of the claim whose token was shown; undefined where the token is of none, and may be a guess. */
  readonly claim: string | undefined;

  constructor(cause: string, claim?: string) {
    super(cause);
    this.claim = claim;
  }
}

/** Makes a claim, whose token is told once. @param by who makes it */
export async function createClaim(
  { store, keys }: DeviceAccess,
  { name, uses, expiresAt, model, place = '', tags = [] }: ClaimRequest,
  by: string,
  now: number,
): Promise<{ claim: ToldClaim; token: string }> {
  if (expiresAt <= now) throw new RequestFault('invalid', 'expiresAt: must be in the future');
  const id = randomBytes(4).toString('hex');
  const { token, mac } = newOpaque('swc', id, keys.secretsKey);
  const record: ClaimRecord = {
    id,
    name,
    tokenMac: mac,
    uses,
    left: uses,
    expiresAt,
    model: model ?? null,
    place,
    tags: [...new Set(tags)],
    createdAt: now,
    createdBy: by,
  };
  await store.createClaim(record);
  return { claim: toldClaim(record), token };
}

export const listClaims = async ({ store }: Pick<DeviceAccess, 'store'>): Promise<ToldClaim[]> =>
  (await store.claims()).map(toldClaim);

/** @throws RequestFault where there is no such claim */
export async function removeClaim({ store }: Pick<DeviceAccess, 'store'>, id: string): Promise<void> {
  if (!(await store.removeClaim(id))) throw new RequestFault('notFound', `there is no claim ${id}`);
}

/**
 * Registers the device that shows a claim's token, and tells what it connects with.
 * @param hasConnected whether a device has connected already, stored or not: its credential is its own then
 * @throws ClaimRefused where the claim is unknown, used up, too old, or for another model
 * @throws RequestFault where the id is taken, or its key is none
 */
export async function provision(
  access: DeviceAccess,
  token: string,
  { id, model, name, publicKey }: ProvisionRequest,
  now: number,
  hasConnected: (id: string) => boolean,
): Promise<{ readonly issued: Issued; readonly claim: string }> {
  const { store, keys } = access;
  const shown = parseOpaque('swc', token);
  const claim = shown && (await store.claim(shown.id));
  if (!shown || !claim || !opaqueMatches('swc', shown, claim.tokenMac, keys.secretsKey)) {
    throw new ClaimRefused('there is no such claim');
  }
  if (claim.model !== null && claim.model !== model) {
    throw new ClaimRefused(`the claim "${claim.name}" is for the model "${claim.model}"`, claim.id);
  }
  if (hasConnected(id)) throw deviceTaken(id);
  const { made, issued } = newCredential(access, id, publicKey, now);
  const { place, tags } = claim;
  const request = { id, name, place, tags: [...tags] };
  const { device, credential } = newDevice(request, made, { claim: claim.id, model: claim.model });
  switch (await store.useClaim(claim.id, device, credential, now)) {
    case 'spent':
      throw new ClaimRefused(`the claim "${claim.name}" is used up, or too old`, claim.id);
    case 'taken':
      throw deviceTaken(id);
    case 'made':
    case 'again':
      return { issued, claim: claim.id };
  }
}

function toldClaim({ tokenMac: _mac, model, place, tags, ...record }: ClaimRecord): ToldClaim {
  return {
    ...record,
    ...(model !== null && { model }),
    ...(place !== '' && { place }),
    ...(tags.length > 0 && { tags: [...tags] }),
  };
}
