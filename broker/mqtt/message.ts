import { publishPacket } from './packets.ts';

export type Qos = 0 | 1 | 2;

/** An application message, as it was published (MQTT 3.1.1 §1.2). */
export class Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** Its place among all messages that are kept, for whomever; 0 as long as it is kept for nobody. */
  number = 0;
  #lasting: Uint8Array | undefined;
  #atMostOnce: Buffer | undefined;

  constructor({ topic, payload, qos, retain }: Pick<Message, 'topic' | 'payload' | 'qos' | 'retain'>) {
    this.topic = topic;
    this.payload = payload;
    this.qos = qos;
    this.retain = retain;
  }

  /**
   * The payload in memory of its own. As it came it is a part of what was read at once, all of which it would keep in
   * memory for as long as it waits.
   */
  get lasting(): Uint8Array {
    return (this.#lasting ??= ownCopy(this.payload));
  }

  /** The PUBLISH by which whoever is subscribed at QoS 0 gets it: the same bytes for all of them. */
  get atMostOnce(): Buffer {
    return (this.#atMostOnce ??= publishPacket({
      topic: this.topic,
      payload: this.payload,
      qos: 0,
      retain: false,
      dup: false,
    }));
  }
}

function ownCopy(payload: Uint8Array): Uint8Array {
  if (payload.byteLength === payload.buffer.byteLength) return payload;
  const copy = Buffer.allocUnsafeSlow(payload.length);
  copy.set(payload);
  return copy;
}
