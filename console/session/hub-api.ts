import type { Session } from '#broker/contract/session.ts';
import { request, RequestError, type Method } from './request.ts';

/** The hub's HTTP API, in the name of whoever is signed in. */
export class HubApi {
  readonly #fresh: (refused: boolean) => Promise<Session>;

  /** @param fresh gives a session whose token will do; it is told whether the hub has just refused the one at hand */
  constructor(fresh: (refused: boolean) => Promise<Session>) {
    this.#fresh = fresh;
  }

  /**
   * Asks the hub.
   * @param timeout how long it may take, in ms
   * @throws RequestError
   */
  async ask(method: Method, path: string, body?: object, timeout?: number): Promise<Response> {
    const options = { body, ...(timeout !== undefined && { timeout }) };
    const { accessToken } = await this.#fresh(false);
    try {
      return await request(method, path, { ...options, token: accessToken });
    } catch (cause) {
      if (!(cause instanceof RequestError) || cause.code !== 'token_refused') throw cause;
    }
    return request(method, path, { ...options, token: (await this.#fresh(true)).accessToken });
  }
}

/** A query string with "?", of what is not undefined; empty where nothing is. */
export function queryOf(params: Readonly<Record<string, string | number | undefined>>): string {
  const known = Object.entries(params).filter(([, value]) => value !== undefined);
  const written = new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString();
  return written && `?${written}`;
}
