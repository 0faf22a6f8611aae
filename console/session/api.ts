import { session, type Session } from '#broker/contract/session.ts';
import { answerOf, request } from './request.ts';

/** Exchanges a one-time code for a session. @throws RequestError */
export const openSession = async (code: string): Promise<Session> =>
  answerOf(session, await request('POST', '/api/session', { body: { code } }));

/** Renews the session of this browser by its cookie. @throws RequestError */
export const renewSession = async (): Promise<Session> =>
  answerOf(session, await request('POST', '/api/session/refresh'));

/** Ends the session of this browser. @throws RequestError */
export async function closeSession(): Promise<void> {
  await request('DELETE', '/api/session');
}
