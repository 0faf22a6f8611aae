import { publishPacket } from './packets.ts';

export type Qos = 0 | 1 | 2;

/** An application message, as it was published (MQTT 3.1.1 §1.2). */
export class Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  #atMostOnce: Buffer | undefined;

  constructor({ topic, payload, qos, retain }: Pick<Message, 'topic' | 'payload' | 'qos' | 'retain'>) {
    this.topic = topic;
    this.payload = payload;
    this.qos = qos;
    this.retain = retain;
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
