import { problem, type ProblemCode } from '#broker/contract/problem.ts';
import { ask } from './https.ts';
import type { TestHub } from './hub.ts';

/** A script that talks to the hub's HTTP API with an access token. */
export class ApiClient {
  readonly #hub: TestHub;
  readonly #token: string;

  private constructor(hub: TestHub, token: string) {
    this.#hub = hub;
    this.#token = token;
  }

  static async as(hub: TestHub, person = 'owner'): Promise<ApiClient> {
    return new ApiClient(hub, await hub.token(person));
  }

  /** The answer's JSON. @throws where the hub refuses */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.raw(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
  }

  get<T>(path: string): Promise<T> {
    return this.ask('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.ask('POST', path, body);
  }

  /** Why the hub refuses. @throws where it does not */
  async refusal(method: string, path: string, body?: unknown) {
    const answer = await this.raw(method, path, body);
    if (answer.status < 400) throw new Error(`${method} ${path} was not refused: ${answer.body}`);
    const { error } = problem.parse(JSON.parse(answer.body));
    return { status: answer.status, code: error.code satisfies ProblemCode, message: error.message };
  }

  raw(method: string, path: string, body?: unknown) {
    return ask(this.#hub, method, `/api${path}`, { Authorization: `Bearer ${this.#token}` }, body);
  }
}
