import { Meter, type Amount, type Hold, type RateLimits, type Scope } from './meter.ts';
import { SharedMeters } from './shared-meters.ts';

/**
 * How much a link may send: by its own rates, and by those that it shares. Nobody takes more of what is shared than their
 * own rates allow, and nobody in particular takes any of it: what others may send is no stranger's to use up.
 */
export interface Allowance {
  /**
   * Counts what came from the link, at once or with what comes next.
   * @param packets whole packets
   * @param bytes of MQTT
   * @param now the time in ms, of a clock that is never set
   * @returns why and how long nothing more is to be read from it; undefined where it may go on
   */
  spend(packets: number, bytes: number, now: number): Hold | undefined;
  /** Has it count for an account, its address and the hub as well, once it is known whose the link is. */
  bill(account: string): void;
  /** The link is gone: what it left uncounted counts for those that it shared with. */
  close(now: number): void;
}

const SCOPES: readonly Scope[] = ['link', 'account', 'address', 'hub'];
/** So much is counted at once: to count is a good part of what a small packet costs. */
const LUMP: Amount = { packets: 16, bytes: 16_384 };
/** A lump is no more than every rate allows in a second, divided by this. */
const LUMPS_A_SECOND = 50;

function lumpFor(limits: RateLimits): Amount {
  const share = (unit: 'Packet' | 'Byte') =>
    Math.min(...SCOPES.map((scope) => limits[`${scope}${unit}Rate`])) / LUMPS_A_SECOND;
  return {
    packets: Math.min(LUMP.packets, share('Packet')),
    bytes: Math.min(LUMP.bytes, share('Byte')),
  };
}

/** The allowances of all links of a hub. */
export class Allowances {
  readonly #limits: RateLimits;
  readonly #lump: Amount;
  readonly #hub: Meter;
  readonly #addresses: SharedMeters;
  readonly #accounts: SharedMeters;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#lump = lumpFor(limits);
    this.#hub = new Meter('hub', limits);
    this.#addresses = new SharedMeters('address', limits);
    this.#accounts = new SharedMeters('account', limits);
  }

  /** How many addresses and accounts there are with links of which it is known whose they are. */
  get shared(): { readonly addresses: number; readonly accounts: number } {
    return { addresses: this.#addresses.size, accounts: this.#accounts.size };
  }

  /** @param address from where the link is, or its network; undefined where that says nothing of who it is of */
  open(address: string | undefined): Allowance {
    const [addresses, accounts, lump] = [this.#addresses, this.#accounts, this.#lump];
    /** From the one that is its own to the one that all share. */
    let meters = [new Meter('link', this.#limits)];
    let billed: string | undefined;
    let [uncounted, uncountedBytes] = [0, 0];
    let evenAt = -Infinity;
    const count = (now: number): Hold | undefined => {
      let amount: Amount = { packets: uncounted, bytes: uncountedBytes };
      [uncounted, uncountedBytes] = [0, 0];
      let hold: Hold | undefined;
      for (const meter of meters) {
        amount = meter.take(amount, now);
        hold = meter.hold(now, hold);
      }
      evenAt = now + (hold?.ms ?? 0);
      return hold;
    };
    return {
      spend: (packets, bytes, now) => {
        uncounted += packets;
        uncountedBytes += bytes;
        const isLump = uncounted >= lump.packets || uncountedBytes >= lump.bytes;
        return isLump || now < evenAt ? count(now) : undefined;
      },
      bill: (account) => {
        if (billed !== undefined) return;
        billed = account;
        const shared = address === undefined ? [] : [addresses.join(address)];
        meters = [...meters, accounts.join(account), ...shared, this.#hub];
      },
      close: (now) => {
        count(now);
        if (billed === undefined) return;
        accounts.leave(billed);
        if (address !== undefined) addresses.leave(address);
      },
    };
  }
}
