import {
  generate,
  parser,
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubackPacket,
  type Packet,
} from 'mqtt-packet';
import { WebSocket } from 'ws';

type Qos = 0 | 1 | 2;

/** How a message is published. */
export interface Publication {
  readonly qos: Qos;
  readonly retain: boolean;
}

/** An MQTT client at the level of packets. It acknowledges what it is sent, or only what it is told to. */
export class PacketClient {
  /** All packets that came, in order. */
  readonly packets: Packet[] = [];
  /** The messages among them. */
  readonly messages: IPublishPacket[] = [];
  /** Whether it answers each step of QoS 1 and 2 at once. */
  acknowledges: boolean;
  closed = false;
  readonly #socket: WebSocket;
  /** Packets for when the link is open. */
  #unsent: Packet[] | undefined = [];
  readonly #waiting = new Set<() => void>();
  #lastId = 0;
  static readonly #alive = new Map<string, number>();

  private constructor(url: string, acknowledges: boolean) {
    this.acknowledges = acknowledges;
    PacketClient.#alive.set(url, PacketClient.alive(url) + 1);
    this.#socket = new WebSocket(url, ['mqtt']);
    const incoming = parser();
    incoming.on('packet', (packet) => this.#came(packet));
    this.#socket.on('message', (bytes: Buffer) => incoming.parse(bytes));
    this.#socket.on('open', () => {
      const unsent = this.#unsent ?? [];
      this.#unsent = undefined;
      this.send(...unsent);
    });
    // What a broken connection says is of no interest; that it is broken is.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.closed = true;
      PacketClient.#alive.set(url, PacketClient.alive(url) - 1);
      this.#happened();
    });
  }

  /** How many clients of a broker have not ended. */
  static alive(url: string): number {
    return PacketClient.#alive.get(url) ?? 0;
  }

  /** Sends a CONNECT and waits for no answer. */
  static open(
    url: string,
    clientId: string,
    { acknowledges = true, ...options }: Partial<IConnectPacket> & { acknowledges?: boolean } = {},
  ): PacketClient {
    const client = new PacketClient(url, acknowledges);
    const asked = { protocolId: 'MQTT', protocolVersion: 4, clean: false, clientId, keepalive: 0 } as const;
    const username = '@service';
    client.send({ cmd: 'connect', ...asked, username, ...options });
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

  /** Publishes. Resolves when it is acknowledged, at QoS 0 when the broker has answered behind it. */
  async publish(topic: string, payload: string, { qos, retain }: Publication): Promise<void> {
    const messageId = this.#nextId();
    this.send({ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId });
    if (qos === 0) this.send({ cmd: 'pingreq' });
    const answer = (['pingresp', 'puback', 'pubcomp'] as const)[qos];
    const came = await this.#take(
      (packet) => packet.cmd === answer && (qos === 0 || packet.messageId === messageId),
    );
    if (!came) throw new Error('the connection ended');
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
    this.#socket.terminate();
    await this.end();
  }

  /** Reads no more. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Sends packets in one frame. */
  send(...packets: Packet[]): void {
    if (this.#unsent) this.#unsent.push(...packets);
    else this.#socket.send(Buffer.concat(packets.map((packet) => generate(packet))));
  }

  /** Takes the first such packet out of those that came, or come. */
  async #take(is: (packet: Packet) => boolean): Promise<boolean> {
    for (;;) {
      const at = this.packets.findIndex(is);
      if (at >= 0) {
        this.packets.splice(at, 1);
        return true;
      }
      if (this.closed) return false;
      await this.#next();
    }
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % 65_535) + 1;
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
