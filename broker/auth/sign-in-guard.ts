import { networkOf } from './network.ts';
import { Throttle } from './throttle.ts';

const MINUTE = 60_000;

/** For one account, whoever tries: no longer than a minute, so that nobody can lock somebody else out for long. */
const ACCOUNT = { free: 5, first: 1_000, longest: MINUTE, memory: 60 * MINUTE };
/** For one address, whatever it tries. */
const ADDRESS = { free: 20, first: 1_000, longest: 15 * MINUTE, memory: 60 * MINUTE };

/** What somebody tries: a password of an account, or a one-time code or a claim of none. */
export interface Attempt {
  readonly account?: string;
  readonly address: string;
  /** Whether the account is used from this address already: strangers who try slow down only each other then. */
  readonly isKnown?: boolean;
}

/** Slows down guessing, by account and by address. Times are in ms, of a clock that is never set. */
export class SignInGuard {
  readonly #accounts = new Throttle(ACCOUNT);
  readonly #addresses = new Throttle(ADDRESS);

  /** How long to wait before it may be tried; 0 where it may be tried now. */
  wait({ account, address, isKnown }: Attempt, now: number): number {
    const forAccount = account === undefined || isKnown ? 0 : this.#accounts.wait(account, now);
    return Math.max(forAccount, this.#addresses.wait(networkOf(address), now));
  }

  /** It is tried. It counts as failed until it is known to have succeeded. */
  begin({ account, address }: Attempt, now: number): void {
    if (account !== undefined) this.#accounts.begin(account, now);
    this.#addresses.begin(networkOf(address), now);
  }

  /** It was not tried after all. */
  undo({ account, address }: Attempt): void {
    if (account !== undefined) this.#accounts.forgive(account);
    this.#addresses.forgive(networkOf(address));
  }

  succeeded({ account, address }: Attempt): void {
    if (account !== undefined) this.#accounts.forget(account);
    this.#addresses.forgive(networkOf(address));
  }
}
