import { Appointments } from './appointments.ts';
import type { RefusalCause } from './refusals.ts';
import type { Refusal } from './upgrade-guard.ts';

/** Bounds on links. "Per address" is per network where the address is of IPv6. */
export interface RoomLimits {
  readonly links: number;
  readonly linksPerAddress: number;
  /** Links that begin in a second. */
  readonly admissionRate: number;
  readonly addressAdmissionRate: number;
}

/** How long to stay away where nobody knows when there is room, in ms. */
const WHEN_FULL = 10_000;
/** So much of a wait is added at random, at most. */
const JITTER = 0.5;
/** How often it is looked for networks that are of no interest any more, in ms. */
const FORGET_AGAIN = 10_000;

interface Network {
  links: number;
  readonly admissions: Appointments;
}

/** Says whether there is room for one more link. Times in ms, of a clock that is never set. */
export class Room {
  readonly #limits: RoomLimits;
  readonly #random: () => number;
  readonly #admissions: Appointments;
  readonly #networks = new Map<string, Network>();
  #links = 0;
  #forgotAt = -Infinity;

  /** @param random uniform in [0, 1) */
  constructor(limits: RoomLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
    this.#admissions = new Appointments(limits.admissionRate);
  }

  /**
   * Somebody asks for a link.
   * @param network where from; undefined for a proxy that speaks for many
   * @returns why they are refused, and in how many seconds they may come again
   */
  ask(network: string | undefined, now: number): Refusal | undefined {
    this.#forget(now);
    const { links, linksPerAddress, admissionRate, addressAdmissionRate } = this.#limits;
    if (this.#links >= links) {
      return this.#refusal('links-full', `all ${links} links are in use`, WHEN_FULL);
    }
    const known = network === undefined ? undefined : this.#networks.get(network);
    if (known && known.links >= linksPerAddress) {
      const reason = `all ${linksPerAddress} links that one address may have are in use`;
      return this.#refusal('links-full-for-address', reason, WHEN_FULL);
    }
    // First, so that one address sends nobody else away.
    const itsWait = known?.admissions.wait(now) ?? 0;
    if (itsWait > 0) {
      const reason = `more than ${addressAdmissionRate} links a second from one address`;
      return this.#refusal('admission-rate-for-address', reason, itsWait);
    }
    const wait = this.#admissions.wait(now);
    if (wait > 0) {
      return this.#refusal('admission-rate', `more than ${admissionRate} links a second`, wait);
    }
    this.#admissions.take(now);
    if (network !== undefined) this.#networkOf(network).admissions.take(now);
    return undefined;
  }

  /** Somebody who has asked has a link now. */
  enter(network: string | undefined): void {
    this.#links += 1;
    if (network !== undefined) this.#networkOf(network).links += 1;
  }

  /** The link of somebody is gone. */
  leave(network: string | undefined): void {
    this.#links -= 1;
    if (network !== undefined) this.#networkOf(network).links -= 1;
  }

  #networkOf(name: string): Network {
    let network = this.#networks.get(name);
    if (!network) {
      network = { links: 0, admissions: new Appointments(this.#limits.addressAdmissionRate) };
      this.#networks.set(name, network);
    }
    return network;
  }

  #refusal(cause: RefusalCause, why: string, wait: number): Refusal {
    const seconds = Math.ceil((wait * (1 + JITTER * this.#random())) / 1_000);
    const reason = `${why}: come again in ${seconds} s`;
    return { cause, status: 503, reason, headers: { 'Retry-After': String(seconds) } };
  }

  #forget(now: number): void {
    if (now - this.#forgotAt < FORGET_AGAIN) return;
    this.#forgotAt = now;
    for (const [name, { links, admissions }] of this.#networks) {
      if (links === 0 && admissions.isIdle(now)) this.#networks.delete(name);
    }
  }
}
