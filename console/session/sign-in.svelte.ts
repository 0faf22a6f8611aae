import type { Session } from '#broker/contract/session.ts';
import { closeSession, openSession, renewSession } from './api.ts';
import { isStale, renewIn } from './renewal.ts';
import { RequestError, type RequestFailure } from './request.ts';

type SignInState =
  | { readonly kind: 'trying' }
  | { readonly kind: 'out'; readonly problem?: RequestFailure }
  | { readonly kind: 'in'; readonly session: Session };

const RETRY_MS = 10_000;

const failure = (cause: unknown): RequestFailure =>
  cause instanceof RequestError ? cause.code : 'not_understood';

/** Who is signed in. Keeps the session alive for as long as the page is open. */
export class SignIn {
  state: SignInState = $state.raw({ kind: 'trying' });
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewing: Promise<Session> | undefined;

  /** @param now hub time, in which tokens expire */
  constructor(now: () => number) {
    this.#now = now;
  }

  get session(): Session | undefined {
    return this.state.kind === 'in' ? this.state.session : undefined;
  }

  /** Takes up the session that this browser has, if any. */
  async resume(): Promise<void> {
    this.state = { kind: 'trying' };
    try {
      await this.#renew();
    } catch (cause) {
      const problem = failure(cause);
      this.state = problem === 'session_expired' ? { kind: 'out' } : { kind: 'out', problem };
    }
  }

  /** Signs in with a one-time code. A used one is forgiven to a browser that is signed in already. */
  async enter(code: string): Promise<void> {
    this.state = { kind: 'trying' };
    try {
      this.#take(await openSession(code));
    } catch (cause) {
      const problem = failure(cause);
      if (problem === 'sign_in_code_unknown') await this.resume();
      if (!this.session) this.state = { kind: 'out', problem };
    }
  }

  async leave(): Promise<void> {
    this.#end();
    // The cookie outlives a hub that cannot be reached; whoever leaves must hear of that.
    await closeSession().catch((cause) => this.#end(failure(cause)));
  }

  /**
   * A session whose token will do for a new link.
   * @param refused whether the hub has just refused the token at hand
   * @throws RequestError
   */
  async fresh(refused: boolean): Promise<Session> {
    const { session } = this;
    if (session && !refused && !isStale(session.expiresAt, this.#now())) return session;
    return this.#renew();
  }

  #renew(): Promise<Session> {
    this.#renewing ??= renewSession()
      .then((session) => this.#take(session))
      .catch((cause) => {
        if (this.session && failure(cause) === 'session_expired') this.#end('session_expired');
        throw cause;
      })
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  #take(session: Session): Session {
    this.state = { kind: 'in', session };
    this.#renewAfter(renewIn(session.expiresAt, this.#now()));
    return session;
  }

  #renewAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#renew().catch(() => {
        if (this.session) this.#renewAfter(RETRY_MS);
      });
    }, ms);
  }

  #end(problem?: RequestFailure): void {
    clearTimeout(this.#timer);
    this.state = problem ? { kind: 'out', problem } : { kind: 'out' };
  }
}
