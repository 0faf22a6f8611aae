import {
  invited,
  oneTimeCode,
  toldPeople,
  type OneTimeCode,
  type PersonChange,
  type PersonRequest,
  type ToldPerson,
} from '#broker/contract/person.ts';
import { toldSessions, type ToldSession } from '#broker/contract/session.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const pathOf = (id: string): string => `/api/people/${encodeURIComponent(id)}`;

/** @throws RequestError */
export const peopleOf = async (api: HubApi): Promise<ToldPerson[]> =>
  (await answerOf(toldPeople, await api.ask('GET', '/api/people'))).people;

/** The code with which they choose their password. @throws RequestError */
export const invite = async (api: HubApi, asked: PersonRequest): Promise<OneTimeCode> =>
  (await answerOf(invited, await api.ask('POST', '/api/people', asked))).invitation;

/** @throws RequestError */
export async function changePerson(api: HubApi, id: string, change: PersonChange): Promise<void> {
  await api.ask('PATCH', pathOf(id), change);
}

/** @throws RequestError */
export async function removePerson(api: HubApi, id: string): Promise<void> {
  await api.ask('DELETE', pathOf(id));
}

/** A code with which somebody chooses another password. @throws RequestError */
export const freshCode = async (api: HubApi, id: string): Promise<OneTimeCode> =>
  answerOf(oneTimeCode, await api.ask('POST', `${pathOf(id)}/link`));

/** @throws RequestError */
export const sessionsOf = async (api: HubApi, id: string): Promise<ToldSession[]> =>
  (await answerOf(toldSessions, await api.ask('GET', `${pathOf(id)}/sessions`))).sessions;

/** @throws RequestError */
export async function endSession(api: HubApi, id: string, sid: string): Promise<void> {
  await api.ask('DELETE', `${pathOf(id)}/sessions/${encodeURIComponent(sid)}`);
}

/** @throws RequestError */
export async function endSessions(api: HubApi, id: string): Promise<void> {
  await api.ask('DELETE', `${pathOf(id)}/sessions`);
}
