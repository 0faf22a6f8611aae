import { Bucket } from '../rates/bucket.ts';

/** Bounds on connections that are no links yet. "Per address" is per network where the address is of IPv6. */
export interface GateLimits {
  /** Connections whose handshake has not begun: that have said nothing so far, or wait for their turn. */
  readonly waiting: number;
  readonly waitingPerAddress: number;
  /** How long one may wait for its turn, in ms. */
  readonly waitingMs: number;
  /** How long one may say nothing, in ms. */
  readonly handshakeMs: number;
  /** Connections whose handshake has begun, or that make requests. */
  readonly halfOpen: number;
  readonly halfOpenPerAddress: number;
  /** Handshakes that begin in a second. */
  readonly handshakeRate: number;
  readonly addressHandshakeRate: number;
}

/** Connections from one network, or those of all trusted proxies, which are not bounded as one client. */
interface Origin<P> {
  readonly isProxies: boolean;
  readonly rate: Bucket;
  /** How many have said nothing so far. */
  silent: number;
  /** Whose turn has not come, in the order in which they came. */
  readonly line: Set<Visit<P>>;
  /** Who was let in, longest ago first. */
  readonly inside: Set<Visit<P>>;
}

interface Visit<P> {
  readonly peer: P;
  readonly origin: Origin<P>;
  stage: 'silent' | 'line' | 'inside';
  since: number;
}

/** Somebody who has to go, and why. */
export interface Removal<P> {
  readonly peer: P;
  readonly cause: 'silent' | 'waited-too-long' | 'half-open-full' | 'half-open-full-for-address';
}

/** Whose turn it is, and who has to go for it. */
export interface Turn<P> {
  readonly peer: P;
  readonly removal: Removal<P> | undefined;
}

/** What the proxies that are trusted are counted as. */
const PROXIES = '';
/**
 * How many handshakes may go on at once, so that all of their peers may answer in one turn of the event loop; and how long
 * each of them counts, in ms: what takes longer waits for a slow peer, who holds up nobody.
 */
const AT_ONCE = 64;
const AT_ONCE_MS = 100;

/**
 * Says whose handshake may begin. Peers wait until they have said something, and then for their turn, which goes around
 * among the networks that they come from: one that sends thousands delays nobody else by more than one. Where too many
 * are let in already, whoever has been inside for longest has to go, and not who comes: a peer that keeps the hub waiting
 * takes no place from one that does not. Times in ms, of a clock that is never set.
 */
export class Gate<P extends object> {
  readonly #limits: GateLimits;
  readonly #rate: Bucket;
  readonly #visits = new Map<P, Visit<P>>();
  readonly #origins = new Map<string, Origin<P>>();
  /** Those with somebody in line, whose turn it is first. */
  readonly #turns = new Set<Origin<P>>();
  /** In the order in which they began to be silent, or to wait. */
  readonly #silent = new Set<Visit<P>>();
  readonly #line = new Set<Visit<P>>();
  /** Who was let in a moment ago. */
  readonly #fresh = new Set<Visit<P>>();

  constructor(limits: GateLimits) {
    this.#limits = limits;
    this.#rate = new Bucket(limits.handshakeRate);
  }

  /** How many connections wait for their handshake to begin. */
  get waiting(): number {
    return this.#silent.size + this.#line.size;
  }

  /** How many were let in and are no links. */
  get halfOpen(): number {
    return this.#visits.size - this.waiting;
  }

  /**
   * Somebody has connected.
   * @param network where from; undefined for a proxy that is trusted
   * @returns why they may not even wait
   */
  arrive(
    peer: P,
    network: string | undefined,
    now: number,
  ): 'waiting-full' | 'waiting-full-for-address' | undefined {
    if (this.waiting >= this.#limits.waiting) return 'waiting-full';
    const origin = this.#originOf(network);
    const waiting = origin.silent + origin.line.size;
    if (!origin.isProxies && waiting >= this.#limits.waitingPerAddress) return 'waiting-full-for-address';
    const visit: Visit<P> = { peer, origin, stage: 'silent', since: now };
    origin.silent += 1;
    this.#silent.add(visit);
    this.#visits.set(peer, visit);
    return undefined;
  }

  /** Somebody who has arrived has said enough for their handshake to begin. */
  heard(peer: P, now: number): void {
    const visit = this.#visits.get(peer);
    if (visit?.stage !== 'silent') return;
    this.#remove(visit);
    visit.stage = 'line';
    visit.since = now;
    visit.origin.line.add(visit);
    this.#line.add(visit);
    this.#turns.add(visit.origin);
  }

  /** How long until `next` has somebody, as far as is known; Infinity where nobody is in line. */
  wait(now: number): number {
    let shortest = Infinity;
    for (const { rate } of this.#turns) {
      shortest = Math.min(shortest, rate.wait(now));
      if (shortest === 0) break;
    }
    return Math.max(shortest, this.#rate.wait(now), this.#freshWait(now));
  }

  /** Lets in whoever's turn it is; undefined where nobody may go now. */
  next(now: number): Turn<P> | undefined {
    if (this.#rate.wait(now) > 0 || this.#freshWait(now) > 0) return undefined;
    for (const origin of this.#turns) {
      if (origin.rate.wait(now) > 0) continue;
      const [visit] = origin.line;
      this.#turns.delete(origin);
      this.#turns.add(origin);
      return this.#letIn(visit as Visit<P>, now);
    }
    return undefined;
  }

  /** Somebody is gone, or has a link. */
  forget(peer: P): void {
    const visit = this.#visits.get(peer);
    if (!visit) return;
    this.#remove(visit);
    this.#visits.delete(peer);
  }

  /** Those who were silent, or had to wait, for too long. To be called now and then: it forgets what is past, too. */
  overdue(now: number): Removal<P>[] {
    const removals = [
      ...this.#since(this.#silent, now - this.#limits.handshakeMs, 'silent'),
      ...this.#since(this.#line, now - this.#limits.waitingMs, 'waited-too-long'),
    ];
    for (const { peer } of removals) this.forget(peer);
    for (const [network, { silent, line, inside, rate }] of this.#origins) {
      if (silent + line.size + inside.size === 0 && rate.isFull(now)) this.#origins.delete(network);
    }
    return removals;
  }

  #originOf(network: string | undefined): Origin<P> {
    const key = network ?? PROXIES;
    let origin = this.#origins.get(key);
    if (!origin) {
      const isProxies = network === undefined;
      const { handshakeRate, addressHandshakeRate } = this.#limits;
      const rate = new Bucket(isProxies ? handshakeRate : addressHandshakeRate);
      origin = { isProxies, rate, silent: 0, line: new Set(), inside: new Set() };
      this.#origins.set(key, origin);
    }
    return origin;
  }

  #letIn(visit: Visit<P>, now: number): Turn<P> {
    const { origin, peer } = visit;
    this.#rate.take(1, now);
    origin.rate.take(1, now);
    this.#remove(visit);
    visit.stage = 'inside';
    visit.since = now;
    origin.inside.add(visit);
    this.#fresh.add(visit);
    const removal = this.#tooMany(origin);
    if (removal) this.forget(removal.peer);
    return { peer, removal };
  }

  /** How long until one more handshake may go on. */
  #freshWait(now: number): number {
    for (const visit of this.#fresh) {
      if (visit.since + AT_ONCE_MS > now) break;
      this.#fresh.delete(visit);
    }
    const [first] = this.#fresh;
    return first === undefined || this.#fresh.size < AT_ONCE ? 0 : first.since + AT_ONCE_MS - now;
  }

  #tooMany(latest: Origin<P>): Removal<P> | undefined {
    const { halfOpen, halfOpenPerAddress } = this.#limits;
    if (!latest.isProxies && latest.inside.size > halfOpenPerAddress) {
      return { peer: oldest(latest), cause: 'half-open-full-for-address' };
    }
    if (this.halfOpen <= halfOpen) return undefined;
    let most = latest;
    for (const origin of this.#origins.values()) if (origin.inside.size > most.inside.size) most = origin;
    return { peer: oldest(most), cause: 'half-open-full' };
  }

  #since(visits: Set<Visit<P>>, before: number, cause: Removal<P>['cause']): Removal<P>[] {
    const removals: Removal<P>[] = [];
    for (const { peer, since } of visits) {
      if (since > before) break;
      removals.push({ peer, cause });
    }
    return removals;
  }

  #remove(visit: Visit<P>): void {
    const { origin, stage } = visit;
    switch (stage) {
      case 'silent':
        origin.silent -= 1;
        this.#silent.delete(visit);
        break;
      case 'line':
        origin.line.delete(visit);
        this.#line.delete(visit);
        if (origin.line.size === 0) this.#turns.delete(origin);
        break;
      case 'inside':
        origin.inside.delete(visit);
        this.#fresh.delete(visit);
        break;
    }
  }
}

function oldest<P>({ inside }: Origin<P>): P {
  const [visit] = inside;
  return (visit as Visit<P>).peer;
}
