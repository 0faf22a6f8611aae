import type { EndCause } from './ends.ts';
import { RATES, type Hold, type RateName } from './rates/meter.ts';

/** The close code of a link that broke, which no peer is sent (RFC 6455 §7.4.1). */
export const BROKEN = 1006;

/** How a link ended: for which cause by the hub, by its peer, or because the connection broke. */
export type LinkEnd = EndCause | 'peer' | 'broken';

/** Everything that went over the links of a hub, in plain numbers that only grow. */
export class LinkCounts {
  accepted = 0;
  readonly ends = new Map<LinkEnd, number>();
  /** Packets by their first byte: their type, and of a PUBLISH its QoS. */
  readonly received = new Float64Array(256);
  readonly sent = new Float64Array(256);
  /** Bytes of MQTT, without those of WebSocket and TLS. */
  receivedBytes = 0;
  sentBytes = 0;
  /** How often links were not read for a while, and for how long in all, in ms. */
  readonly holds: Readonly<Record<RateName, { times: number; ms: number }>>;

  constructor() {
    const none = RATES.map((rate) => [rate, { times: 0, ms: 0 }] as const);
    this.holds = Object.fromEntries(none) as LinkCounts['holds'];
  }

  receive(packet: Uint8Array): void {
    this.received[packet[0] as number]! += 1;
    this.receivedBytes += packet.length;
  }

  send(packet: Uint8Array): void {
    this.sent[packet[0] as number]! += 1;
    this.sentBytes += packet.length;
  }

  hold({ rate, ms }: Hold): void {
    this.holds[rate].times += 1;
    this.holds[rate].ms += ms;
  }

  /** @param code the close code of the link; @param cause for which the hub ended it, if it was the hub */
  end(code: number, cause: EndCause | undefined): void {
    const end = cause ?? (code === BROKEN ? 'broken' : 'peer');
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }
}
