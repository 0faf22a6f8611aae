import { Bucket } from './bucket.ts';

/** The rates of which a link may have too little left, by the names of their settings. */
export const RATES = [
  'linkPacketRate',
  'linkByteRate',
  'accountPacketRate',
  'accountByteRate',
  'addressPacketRate',
  'addressByteRate',
  'hubPacketRate',
  'hubByteRate',
] as const;

export type RateName = (typeof RATES)[number];

/** Rates a second, by their names. */
export type RateLimits = Readonly<Record<RateName, number>>;

/** Whose rates they are. */
export type Scope = 'link' | 'address' | 'account' | 'hub';

/** Why a link is not read for a while. */
export interface Hold {
  /** For how long, in ms. */
  readonly ms: number;
  /** The rate that asks for it. */
  readonly rate: RateName;
}

/** What came over a link: whole packets, and their bytes. */
export interface Amount {
  readonly packets: number;
  readonly bytes: number;
}

/** The packets and bytes of one link, or of all those that share an address, an account or the hub. */
export class Meter {
  readonly #scope: Scope;
  readonly #packets: Bucket;
  readonly #bytes: Bucket;

  constructor(scope: Scope, limits: RateLimits) {
    this.#scope = scope;
    this.#packets = new Bucket(limits[`${scope}PacketRate`]);
    this.#bytes = new Bucket(limits[`${scope}ByteRate`]);
  }

  /** Counts what came. Returns as much of it as the rates allow whoever waits as long as is asked for. */
  take({ packets, bytes }: Amount, now: number): Amount {
    return { packets: this.#packets.take(packets, now), bytes: this.#bytes.take(bytes, now) };
  }

  /** What the rates ask for now; `than`, which may be none, where that is longer. */
  hold(now: number, than: Hold | undefined): Hold | undefined {
    const forPackets = this.#packets.overdue(now);
    const forBytes = this.#bytes.overdue(now);
    const ms = Math.max(forPackets, forBytes);
    if (ms <= (than?.ms ?? 0)) return than;
    return { ms, rate: `${this.#scope}${forPackets >= forBytes ? 'PacketRate' : 'ByteRate'}` };
  }
}
