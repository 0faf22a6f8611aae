import { once } from 'node:events';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet, type QoS } from 'mqtt-packet';
import { WebSocket, type ClientOptions } from 'ws';
import type { TestHub } from './hub.ts';

/** How bytes are cut into WebSocket messages. */
export type Cut = 'whole' | 'byte by byte';

export type Command = Packet['cmd'];
export type PacketOf<C extends Command> = Extract<Packet, { cmd: C }>;

/** How a link ended, as its peer was told. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** Identifiers that the client gives its own packets begin here: those below are for what a test sends by hand. */
const OWN_IDS = 30_000;

/**
 * A client at the level of WebSocket messages: it sends any bytes, keeps no rule of MQTT by itself and answers nothing
 * unless it is told to, so that a test decides what happens and when.
 */
export class RawClient {
  readonly socket: WebSocket;
  /** WebSocket messages that came, whole. */
  readonly frames: Buffer[] = [];
  /** MQTT packets that came. */
  readonly packets: Packet[] = [];
  /** Resolves when the link has ended. */
  readonly closed: Promise<Closed>;
  readonly #waiting = new Set<() => void>();
  #ended: Closed | undefined;
  #taken = 0;
  #acknowledges = false;
  #lastId = OWN_IDS;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => this.#came(packet));
    socket.on('message', (frame: Buffer) => {
      this.frames.push(frame);
      parser.parse(frame);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        this.#ended = { code, reason: reason.toString() };
        resolve(this.#ended);
        this.#wake();
      }),
    );
  }

  /** Opens a link over wss, and sends nothing. */
  static async open(hub: Pick<TestHub, 'wss' | 'ca'>, options: ClientOptions = {}): Promise<RawClient> {
    const socket = new WebSocket(hub.wss, ['mqtt'], { ca: hub.ca, ...options });
    const client = new RawClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Opens a link and sends a CONNECT. Resolves with the client once its CONNACK has come, whatever it says. */
  static async connect(
    hub: Pick<TestHub, 'wss' | 'ca'>,
    connect: Partial<IConnectPacket>,
  ): Promise<RawClient> {
    const client = await RawClient.open(hub);
    client.send(connectPacket(connect));
    await client.next('connack');
    return client;
  }

  /** Sends bytes or packets as WebSocket messages: all in one, or one for each byte. */
  send(what: Uint8Array | Packet | readonly Packet[], cut: Cut = 'whole'): void {
    const bytes = what instanceof Uint8Array ? what : Buffer.concat([what].flat().map(bytesOf));
    if (cut === 'whole') this.socket.send(bytes);
    else for (const byte of bytes) this.socket.send(Buffer.from([byte]));
  }

  /** Resolves with the first answer that `find` gives for what has come, or is to come. Rejects where the link ends before. */
  async until<T>(find: (packets: readonly Packet[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.packets);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`the link ended: ${this.#ended.code} ${this.#ended.reason}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves with the next packet of a kind, behind the one that the last call resolved with. */
  next<C extends Command>(cmd: C): Promise<PacketOf<C>> {
    return this.until((packets) => {
      const at = packets.findIndex((packet, index) => index >= this.#taken && packet.cmd === cmd);
      if (at < 0) return undefined;
      this.#taken = at + 1;
      return packets[at] as PacketOf<C>;
    });
  }

  /** Resolves when the hub has answered all that was sent before: with the answer to a ping behind it. */
  async settled(): Promise<void> {
    const answers = (packets: readonly Packet[]) => packets.filter(({ cmd }) => cmd === 'pingresp').length;
    const before = answers(this.packets);
    this.send({ cmd: 'pingreq' });
    await this.until((packets) => (answers(packets) > before ? true : undefined));
  }

  /** Sends what is to end the link. Resolves with how it ended; rejects where the hub answers a ping behind it. */
  async endedBy(...sent: Parameters<RawClient['send']>): Promise<Closed> {
    this.send(...sent);
    const lives = await this.settled().then(
      () => true,
      () => false,
    );
    if (lives) throw new Error('the hub answered a ping behind it');
    return this.closed;
  }

  publishes(): PacketOf<'publish'>[] {
    return this.packets.filter((packet) => packet.cmd === 'publish');
  }

  /** The payloads of the messages that came, as text. */
  get texts(): string[] {
    return this.publishes().map(({ payload }) => String(payload));
  }

  /** Resolves with the message with this payload, once it has come. */
  untilText(text: string): Promise<PacketOf<'publish'>> {
    return this.until(() => this.publishes().find(({ payload }) => String(payload) === text));
  }

  /** From now on answers each step of QoS 1 and 2 at once, also of what has come already. */
  acknowledge(): this {
    this.#acknowledges = true;
    for (const packet of this.packets) this.#answer(packet);
    return this;
  }

  /** Subscribes to filters at one QoS. Resolves with the return codes. */
  async subscribe(qos: QoS, ...filters: string[]): Promise<number[]> {
    const messageId = this.#nextId();
    this.send({ cmd: 'subscribe', messageId, subscriptions: filters.map((topic) => ({ topic, qos })) });
    return (await this.answer('suback', messageId)).granted as number[];
  }

  async unsubscribe(...unsubscriptions: string[]): Promise<void> {
    const messageId = this.#nextId();
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions });
    await this.answer('unsuback', messageId);
  }

  /** Publishes, at QoS 1 unless told otherwise. Resolves when the hub has taken the message. */
  async publish(
    topic: string,
    payload: string | Buffer,
    options: Partial<IPublishPacket> = {},
  ): Promise<void> {
    const packet = publishPacket(topic, payload, { qos: 1, messageId: this.#nextId(), ...options });
    const messageId = packet.messageId as number;
    this.send(packet);
    if (packet.qos === 0) return this.settled();
    if (packet.qos === 1) return void (await this.answer('puback', messageId));
    await this.answer('pubrec', messageId);
    if (!this.#acknowledges) this.send({ cmd: 'pubrel', messageId });
    await this.answer('pubcomp', messageId);
  }

  /** Resolves with the first packet of a kind that has an identifier, of those that came and those to come. */
  answer<C extends Command>(cmd: C, messageId: number): Promise<PacketOf<C>> {
    return this.until(
      (packets) =>
        packets.find((packet) => packet.cmd === cmd && packet.messageId === messageId) as
          PacketOf<C> | undefined,
    );
  }

  /** Breaks the connection without a word. */
  async drop(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  /** Ends the link as MQTT wants it. */
  async disconnect(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    await this.closed;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #came(packet: Packet): void {
    this.packets.push(packet);
    if (this.#acknowledges) this.#answer(packet);
  }

  #answer(packet: Packet): void {
    const messageId = packet.messageId as number;
    if (packet.cmd === 'pubrec') this.send({ cmd: 'pubrel', messageId });
    if (packet.cmd === 'pubrel') this.send({ cmd: 'pubcomp', messageId });
    if (packet.cmd !== 'publish' || packet.qos === 0) return;
    this.send({ cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A CONNECT of MQTT 3.1.1 with a clean session and no keep alive, unless told otherwise. */
export const connectPacket = (options: Partial<IConnectPacket>): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 0,
  clientId: '',
  ...options,
});

/** A PUBLISH at QoS 0, not retained, unless told otherwise. */
export const publishPacket = (
  topic: string,
  payload: string | Buffer,
  options: Partial<IPublishPacket> = {},
): IPublishPacket => ({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false, ...options });

export const bytesOf = (packet: Packet): Buffer => mqttPacket.generate(packet);
