import { toldSessions, type ToldSession } from '#broker/contract/session.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const SESSIONS = '/api/account/sessions';

/** Whoever is signed in chooses another password. All their other sessions end. @throws RequestError */
export async function changePassword(api: HubApi, current: string, password: string): Promise<void> {
  await api.ask('PUT', '/api/account/password', { current, password });
}

/** The sessions of whoever is signed in. @throws RequestError */
export const ownSessions = async (api: HubApi): Promise<ToldSession[]> =>
  (await answerOf(toldSessions, await api.ask('GET', SESSIONS))).sessions;

/** @throws RequestError */
export async function endOwnSession(api: HubApi, id: string): Promise<void> {
  await api.ask('DELETE', `${SESSIONS}/${encodeURIComponent(id)}`);
}

/** Ends all but the one that asks. @throws RequestError */
export async function endOtherSessions(api: HubApi): Promise<void> {
  await api.ask('DELETE', SESSIONS);
}
