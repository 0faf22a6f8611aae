import { madeClaim, toldClaims, type ClaimRequest, type ToldClaim } from '#broker/contract/claim.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

/** @throws RequestError */
export const claimsOf = async (api: HubApi): Promise<ToldClaim[]> =>
  (await answerOf(toldClaims, await api.ask('GET', '/api/claims'))).claims;

/** Makes a claim, and its token. @throws RequestError */
export const createClaim = async (api: HubApi, asked: ClaimRequest) =>
  answerOf(madeClaim, await api.ask('POST', '/api/claims', asked));

/** @throws RequestError */
export async function revokeClaim(api: HubApi, id: string): Promise<void> {
  await api.ask('DELETE', `/api/claims/${id}`);
}
