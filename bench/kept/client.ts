import { once } from 'node:events';
import { generate, type IConnectPacket, type Packet } from 'mqtt-packet';
import { WebSocket } from 'ws';
import { PacketCutter } from '../../broker/links/packet-cutter.ts';

const [PUBLISH, PUBACK] = [3, 4];
/** How long nothing may come before messages count as lost, in ms. */
const PATIENCE = 10_000;

/** A client that looks at no more of a packet than it has to, so that it does less than the hub. */
export class Client {
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  /** How many messages came. */
  arrived = 0;
  /** How many of those that were published are acknowledged. */
  acknowledged = 0;
  #others = 0;
  #published = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const cutter = new PacketCutter();
    socket.on('message', (bytes: Buffer) => {
      const answers: Buffer[] = [];
      for (const packet of cutter.push(bytes)) this.#take(packet as Buffer, answers);
      if (answers.length > 0) socket.send(Buffer.concat(answers));
      for (const look of this.#waiting) look();
    });
  }

  static async connect(url: string, connect: Partial<IConnectPacket>): Promise<Client> {
    const socket = new WebSocket(url, ['mqtt']);
    const client = new Client(socket);
    await once(socket, 'open');
    const asked = {
      protocolId: 'MQTT',
      protocolVersion: 4,
      keepalive: 0,
      clientId: '',
      clean: true,
    } as const;
    await client.ask({ cmd: 'connect', ...asked, ...connect });
    return client;
  }

  /** Sends a packet that is answered by one other than PUBLISH and PUBACK. */
  async ask(packet: Packet): Promise<void> {
    const before = this.#others;
    this.#socket.send(generate(packet));
    await this.until(() => this.#others > before);
  }

  /** Publishes at QoS 1, so many at once. Resolves when all are acknowledged. */
  async publish(topic: string, payload: Buffer, messages: number, atOnce: number): Promise<void> {
    const first = this.acknowledged;
    for (let sent = 0; sent < messages;) {
      const open = sent - (this.acknowledged - first);
      const some = Math.min(atOnce - open, messages - sent);
      if (some > 0)
        this.#socket.send(Buffer.concat(Array.from({ length: some }, () => this.#next(topic, payload))));
      sent += Math.max(0, some);
      await this.until(() => sent - (this.acknowledged - first) < atOnce);
    }
    await this.until(() => this.acknowledged - first === messages);
  }

  /** Resolves when something is so, which is looked at when anything has come. Rejects where nothing comes any more. */
  async until(is: () => boolean): Promise<void> {
    if (is()) return;
    await new Promise<void>((resolve, reject) => {
      const { arrived, acknowledged } = this;
      const overdue = setTimeout(() => {
        reject(new Error(`nothing came behind ${arrived} messages and ${acknowledged} acknowledgements`));
      }, PATIENCE);
      const look = (): void => {
        overdue.refresh();
        if (!is()) return;
        clearTimeout(overdue);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    await once(this.#socket, 'close');
  }

  #next(topic: string, payload: Buffer): Buffer {
    this.#published += 1;
    const messageId = (this.#published % 65_535) + 1;
    return generate({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false, messageId });
  }

  #take(packet: Buffer, answers: Buffer[]): void {
    const type = (packet[0] as number) >> 4;
    if (type === PUBACK) this.acknowledged += 1;
    else if (type !== PUBLISH) this.#others += 1;
    else {
      this.arrived += 1;
      // Packets of these benches have a remaining length of one byte.
      const id = 4 + packet.readUInt16BE(2);
      answers.push(Buffer.of(PUBACK << 4, 2, packet[id] as number, packet[id + 1] as number));
    }
  }
}
