import {
  codeOwner,
  session,
  type CodeOwner,
  type Session,
  type SignInRequest,
} from '#broker/contract/session.ts';
import { answerOf, request } from './request.ts';

/** Whose a one-time code is, which stays good. @throws RequestError */
export const ownerOfCode = async (code: string): Promise<CodeOwner> =>
  answerOf(codeOwner, await request('POST', '/api/session/code', { body: { code } }));

/** @throws RequestError */
export const openSession = async (asked: SignInRequest): Promise<Session> =>
  answerOf(session, await request('POST', '/api/session', { body: asked }));

/** Renews the session of this browser by its cookie. @throws RequestError */
export const renewSession = async (): Promise<Session> =>
  answerOf(session, await request('POST', '/api/session/refresh'));

/** Ends the session of this browser. @throws RequestError */
export async function closeSession(): Promise<void> {
  await request('DELETE', '/api/session');
}
