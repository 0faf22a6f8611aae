import { Meter, type Hold, type RateLimits } from './meter.ts';
import { SharedMeters } from './shared-meters.ts';

/** How much a link may send: by its own rates, and by those that it shares. */
export interface Allowance {
  /**
   * Counts what came from the link.
   * @param packets whole packets
   * @param bytes of MQTT
   * @param now the time in ms, of a clock that is never set
   * @returns why and how long nothing more is to be read from it; undefined where it may go on
   */
  spend(packets: number, bytes: number, now: number): Hold | undefined;
  /** Has it count for an account as well, once it is known whose the link is. */
  bill(account: string): void;
  /** The link is gone. */
  close(): void;
}

/** The allowances of all links of a hub. */
export class Allowances {
  readonly #limits: RateLimits;
  readonly #hub: Meter;
  readonly #addresses: SharedMeters;
  readonly #accounts: SharedMeters;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#hub = new Meter('hub', limits);
    this.#addresses = new SharedMeters('address', limits);
    this.#accounts = new SharedMeters('account', limits);
  }

  /** How many addresses and accounts there are with links. */
  get shared(): { readonly addresses: number; readonly accounts: number } {
    return { addresses: this.#addresses.size, accounts: this.#accounts.size };
  }

  /** @param address from where the link is, or its network; undefined where that says nothing of who it is of */
  open(address: string | undefined): Allowance {
    const accounts = this.#accounts;
    const meters = [new Meter('link', this.#limits), this.#hub];
    if (address !== undefined) meters.push(this.#addresses.join(address));
    let billed: string | undefined;
    return {
      spend: (packets, bytes, now) => {
        let hold: Hold | undefined;
        for (const meter of meters) hold = meter.take(packets, bytes, now, hold);
        return hold;
      },
      bill: (account) => {
        if (billed !== undefined) return;
        billed = account;
        meters.push(accounts.join(account));
      },
      close: () => {
        if (address !== undefined) this.#addresses.leave(address);
        if (billed !== undefined) accounts.leave(billed);
      },
    };
  }
}
