import { problem, type ProblemCode } from '#broker/contract/problem.ts';

/** Why a request to the hub failed: the hub's own code, or what went wrong on the way. */
export type RequestFailure = ProblemCode | 'unreachable' | 'not_understood';

/** The only error of requests to the hub. `said` is what the hub said of it, for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestFailure;
  readonly said: string | undefined;

  constructor(code: RequestFailure, said?: string) {
    super(said ?? code);
    this.code = code;
    this.said = said;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  readonly body?: object | undefined;
  /** The access token, for what a cookie does not open. */
  readonly token?: string;
  /** How long the hub may take, in ms. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 10_000;

/** Asks the hub. @throws RequestError */
export async function request(
  method: Method,
  path: string,
  { body, token, timeout = TIMEOUT_MS }: RequestOptions = {},
): Promise<Response> {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal: AbortSignal.timeout(timeout),
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new RequestError('unreachable', String(cause));
  }
  if (response.ok) return response;
  const known = problem.safeParse(await response.json().catch(() => undefined));
  // A proxy answers for a hub that is down, and not in the hub's words.
  if (!known.success) throw new RequestError(response.status >= 500 ? 'unreachable' : 'not_understood');
  throw new RequestError(known.data.error.code, known.data.error.message);
}

interface Schema<T> {
  safeParse(answer: unknown): { success: true; data: T } | { success: false; error: Error };
}

/** The answer of the hub, held to its contract. @throws RequestError */
export async function answerOf<T>(schema: Schema<T>, response: Response): Promise<T> {
  const answer = schema.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw new RequestError('not_understood', answer.error.message);
  return answer.data;
}
