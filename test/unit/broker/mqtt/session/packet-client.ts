import { connect as connectTcp, type Socket } from 'node:net';
import {
  generate,
  parser,
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubackPacket,
  type Packet,
} from 'mqtt-packet';

type Qos = 0 | 1 | 2;

/** An MQTT client at the level of packets. It acknowledges what it is sent, or only what it is told to. */
export class PacketClient {
  /** All packets that came, in order. */
  readonly packets: Packet[] = [];
  /** The messages among them. */
  readonly messages: IPublishPacket[] = [];
  /** Whether it answers each step of QoS 1 and 2 at once. */
  acknowledges: boolean;
  closed = false;
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  #lastId = 0;

  private constructor(port: number, acknowledges: boolean) {
    this.acknowledges = acknowledges;
    this.#socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
    const incoming = parser();
    incoming.on('packet', (packet) => this.#came(packet));
    this.#socket.on('data', (bytes) => incoming.parse(bytes));
    // What a broken connection says is of no interest; that it is broken is.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.closed = true;
      this.#happened();
    });
  }

  /** Sends a CONNECT and waits for no answer. */
  static open(
    port: number,
    clientId: string,
    { acknowledges = true, ...options }: Partial<IConnectPacket> & { acknowledges?: boolean } = {},
  ): PacketClient {
    const client = new PacketClient(port, acknowledges);
    const asked = { protocolId: 'MQTT', protocolVersion: 4, clean: false, clientId, keepalive: 0 } as const;
    client.send({ cmd: 'connect', ...asked, ...options });
    return client;
  }

  /** Connects, with a session that is kept unless the options say otherwise. */
  static async connect(...args: Parameters<typeof PacketClient.open>): Promise<PacketClient> {
    const client = PacketClient.open(...args);
    await client.connack();
    return client;
  }

  /** The payloads of the messages that came, as text. */
  get texts(): string[] {
    return this.messages.map(({ payload }) => String(payload));
  }

  connack(): Promise<IConnackPacket> {
    return this.until((packets) => packets.find((packet) => packet.cmd === 'connack'));
  }

  /** Subscribes. Resolves with what was granted. */
  async subscribe(qos: Qos, ...topics: string[]): Promise<ISubackPacket['granted']> {
    const messageId = this.#nextId();
    this.send({ cmd: 'subscribe', messageId, subscriptions: topics.map((topic) => ({ topic, qos })) });
    const { granted } = (await this.until((packets) =>
      packets.find((packet) => packet.cmd === 'suback' && packet.messageId === messageId),
    )) as ISubackPacket;
    return granted;
  }

  async unsubscribe(...unsubscriptions: string[]): Promise<void> {
    const messageId = this.#nextId();
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions });
    await this.until((packets) => packets.find((packet) => packet.cmd === 'unsuback'));
  }

  /** Resolves once a message with this payload has come. */
  async untilText(text: string): Promise<void> {
    await this.until(() => this.messages.find(({ payload }) => String(payload) === text));
  }

  /** Resolves with the first answer that `find` gives for what has come, or is still to come before the end. */
  async until<T>(find: (packets: readonly Packet[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.packets);
      if (found !== undefined) return found;
      if (this.closed) throw new Error(`the connection ended after ${JSON.stringify(this.packets.at(-1))}`);
      await this.#next();
    }
  }

  /** Resolves when the connection is over, by whomever. */
  async end(): Promise<void> {
    while (!this.closed) await this.#next();
  }

  /** Disconnects as MQTT wants it. */
  async disconnect(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    await this.end();
  }

  /** Breaks the connection. */
  async cut(): Promise<void> {
    this.#socket.resetAndDestroy();
    await this.end();
  }

  /** Reads no more. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Sends packets in one write. */
  send(...packets: Packet[]): void {
    this.#socket.write(Buffer.concat(packets.map((packet) => generate(packet))));
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #came(packet: Packet): void {
    this.packets.push(packet);
    if (packet.cmd === 'publish') this.messages.push(packet);
    if (this.acknowledges) this.#acknowledge(packet);
    this.#happened();
  }

  #acknowledge(packet: Packet): void {
    const messageId = packet.messageId as number;
    if (packet.cmd === 'pubrel') this.send({ cmd: 'pubcomp', messageId });
    if (packet.cmd === 'pubrec') this.send({ cmd: 'pubrel', messageId });
    if (packet.cmd !== 'publish' || packet.qos === 0) return;
    this.send(packet.qos === 1 ? { cmd: 'puback', messageId } : { cmd: 'pubrec', messageId });
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #happened(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
