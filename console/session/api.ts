import { problem, type ProblemCode } from '#broker/contract/problem.ts';
import { session, type Session } from '#broker/contract/session.ts';

/** Why a request to the hub failed: the hub's own code, or what went wrong on the way. */
export type RequestFailure = ProblemCode | 'unreachable' | 'not_understood';

/** The only error of this module. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestFailure;

  constructor(code: RequestFailure, message: string = code) {
    super(message);
    this.code = code;
  }
}

const TIMEOUT_MS = 10_000;

async function request(method: 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    answer = await response.json().catch(() => undefined);
  } catch (cause) {
    throw new RequestError('unreachable', String(cause));
  }
  if (response.ok) return answer;
  const known = problem.safeParse(answer);
  // A proxy answers for a hub that is down, and not in the hub's words.
  if (!known.success) throw new RequestError(response.status >= 500 ? 'unreachable' : 'not_understood');
  throw new RequestError(known.data.error.code, known.data.error.message);
}

async function requestSession(path: string, body?: object): Promise<Session> {
  const answer = session.safeParse(await request('POST', path, body));
  if (!answer.success) throw new RequestError('not_understood', answer.error.message);
  return answer.data;
}

/** Exchanges a one-time code for a session. @throws RequestError */
export const openSession = (code: string): Promise<Session> => requestSession('/api/session', { code });

/** Renews the session of this browser by its cookie. @throws RequestError */
export const renewSession = (): Promise<Session> => requestSession('/api/session/refresh');

/** Ends the session of this browser. @throws RequestError */
export async function closeSession(): Promise<void> {
  await request('DELETE', '/api/session');
}
