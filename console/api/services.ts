import {
  madeService,
  toldServices,
  type ServiceChange,
  type ServiceRequest,
  type ToldService,
} from '#broker/contract/service.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const pathOf = (id: string): string => `/api/services/${id}`;

/** @throws RequestError */
export const servicesOf = async (api: HubApi): Promise<ToldService[]> =>
  (await answerOf(toldServices, await api.ask('GET', '/api/services'))).services;

/** Makes a service, and its token. @throws RequestError */
export const createService = async (api: HubApi, asked: ServiceRequest) =>
  answerOf(madeService, await api.ask('POST', '/api/services', asked));

/** Makes another token in place of the one there is. @throws RequestError */
export const renewServiceToken = async (api: HubApi, id: string) =>
  answerOf(madeService, await api.ask('POST', `${pathOf(id)}/token`));

/** @throws RequestError */
export async function changeService(api: HubApi, id: string, change: ServiceChange): Promise<void> {
  await api.ask('PATCH', pathOf(id), change);
}

/** @throws RequestError */
export async function removeService(api: HubApi, id: string): Promise<void> {
  await api.ask('DELETE', pathOf(id));
}
