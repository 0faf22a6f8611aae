import type { Packet, QoS } from 'mqtt-packet';
import type { PacketOf } from '../../support/raw-client.ts';

/** A message as a client got it for the first time. */
export interface Arrival {
  readonly topic: string;
  readonly text: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

/**
 * What a client makes of the packets of its connections, one after the other, by the rules for receivers (MQTT 3.1.1
 * §4.3): the messages in the order in which they first came, each text once, and what the hub did that it may not.
 */
export class Arrivals {
  readonly first: Arrival[] = [];
  /** Messages that came again, as they may. */
  again = 0;
  /** What may not be, in words. */
  readonly faults: string[] = [];
  readonly #unreleased = new Set<number>();
  readonly #texts = new Set<string>();

  add(packets: readonly Packet[]): this {
    for (const packet of packets) {
      if (packet.cmd === 'pubrel') this.#unreleased.delete(packet.messageId as number);
      else if (packet.cmd === 'publish') this.#message(packet);
    }
    return this;
  }

  #message({ topic, payload, qos, dup, retain, messageId = 0 }: PacketOf<'publish'>): void {
    const text = String(payload);
    if (qos === 2 && this.#unreleased.has(messageId)) {
      // Not released yet, so it is the same message again [MQTT-4.3.3-2].
      this.again += 1;
      if (!dup) this.faults.push(`${text} came again at QoS 2 without DUP`);
      if (!this.#texts.has(text)) this.faults.push(`${text} came with the identifier of another`);
      return;
    }
    if (qos === 2) this.#unreleased.add(messageId);
    if (!this.#texts.has(text)) {
      this.#texts.add(text);
      this.first.push({ topic, text, qos, retain });
      return;
    }
    this.again += 1;
    if (qos !== 1) this.faults.push(`${text} came twice at QoS ${qos}`);
    else if (!dup) this.faults.push(`${text} came again at QoS 1 without DUP`);
  }
}
