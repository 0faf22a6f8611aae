import type { CodeOwner, Session, SignInRequest } from '#broker/contract/session.ts';
import { closeSession, openSession, ownerOfCode, renewSession } from './api.ts';
import { isStale, renewIn } from './renewal.ts';
import { RequestError } from './request.ts';

export type SignInState =
  | { readonly kind: 'trying' }
  /** Nobody is signed in. `code` is the one-time code that could not be tried. */
  | { readonly kind: 'out'; readonly problem?: RequestError; readonly code?: string }
  /** Somebody came with a one-time code, and is to choose a password. */
  | {
      readonly kind: 'invited';
      readonly code: string;
      readonly owner: CodeOwner;
      readonly problem?: RequestError;
    }
  | { readonly kind: 'in'; readonly session: Session };

const RETRY_MS = 10_000;

const failure = (cause: unknown): RequestError =>
  cause instanceof RequestError ? cause : new RequestError('not_understood', String(cause));

/** Who is signed in. Keeps the session alive for as long as the page is open. */
export class SignIn {
  state: SignInState = $state.raw({ kind: 'trying' });
  readonly #now: () => number;
  readonly #renewed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewing: Promise<Session> | undefined;

  /**
   * @param now hub time, in which tokens expire
   * @param renewed is called when there is another token
   */
  constructor(now: () => number, renewed: () => void) {
    this.#now = now;
    this.#renewed = renewed;
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
      this.state = problem.code === 'session_expired' ? { kind: 'out' } : { kind: 'out', problem };
    }
  }

  /** Looks whose a one-time code is. A used one is forgiven to a browser that is signed in already. */
  async enter(code: string): Promise<void> {
    this.state = { kind: 'trying' };
    try {
      this.state = { kind: 'invited', code, owner: await ownerOfCode(code) };
    } catch (cause) {
      const problem = failure(cause);
      if (problem.code === 'sign_in_code_unknown') {
        await this.resume();
        if (!this.session) this.state = { kind: 'out', problem };
      } else this.state = { kind: 'out', problem, code };
    }
  }

  /** Tries again what could not be tried. */
  again(): Promise<void> {
    const { state } = this;
    return state.kind === 'out' && state.code !== undefined ? this.enter(state.code) : this.resume();
  }

  /** Opens a session. Where the hub refuses, the state says why. */
  async open(asked: SignInRequest): Promise<void> {
    const { state } = this;
    try {
      this.#take(await openSession(asked));
    } catch (cause) {
      const problem = failure(cause);
      this.state = state.kind === 'invited' ? { ...state, problem } : { kind: 'out', problem };
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
        const problem = failure(cause);
        if (this.session && problem.code === 'session_expired') this.#end(problem);
        throw problem;
      })
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  #take(session: Session): Session {
    this.state = { kind: 'in', session };
    this.#renewAfter(renewIn(session.expiresAt, this.#now()));
    this.#renewed();
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

  #end(problem?: RequestError): void {
    clearTimeout(this.#timer);
    this.state = problem ? { kind: 'out', problem } : { kind: 'out' };
  }
}
