import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { bytesOf, connectPacket, RawClient } from '../support/raw-client.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { handshake } from '../support/raw-https.ts';
import { closePayload, frame, framesIn, OPCODE, type Frame } from '../support/websocket-frames.ts';

let hub: TestHub;
let bystander: RawClient;
let connect: Buffer;

beforeAll(async () => {
  hub = await startTestHub();
  const secrets = await hub.addDevices({ id: 'lamp' });
  const password = Buffer.from(secrets.get('lamp') ?? '');
  connect = bytesOf(connectPacket({ clientId: 'lamp', username: 'home/lamp', password }));
  bystander = await RawClient.connect(hub, { username: '@owner', password: Buffer.from(await hub.token()) });
});
afterAll(async () => {
  await bystander.disconnect();
  await hub.close();
});

/** A link at the level of frames. */
class RawLink {
  readonly connection: RawConnection;
  readonly #start: number;

  private constructor(connection: RawConnection, start: number) {
    this.connection = connection;
    this.#start = start;
  }

  /** Opens one, and gives it to a device. */
  static async open(): Promise<RawLink> {
    const connection = await RawConnection.open(hub, 'tls');
    connection.send([...handshake(), '', ''].join('\r\n'));
    const start = await connection.until((received) => {
      const end = received.indexOf('\r\n\r\n');
      return end < 0 ? undefined : end + 4;
    });
    const link = new RawLink(connection, start);
    link.send(frame(OPCODE.binary, connect));
    await link.until(OPCODE.binary);
    return link;
  }

  send(...frames: Uint8Array[]): void {
    this.connection.send(Buffer.concat(frames));
  }

  /** Resolves with the first frame of a kind. */
  until(opcode: number): Promise<Frame> {
    return this.connection.until((received) =>
      framesIn(received.subarray(this.#start)).find((each) => each.opcode === opcode),
    );
  }

  /** Resolves with the close code that it is sent, when the connection has ended. */
  async closeCode(): Promise<number> {
    const { payload } = await this.until(OPCODE.close);
    await this.connection.closed;
    return payload.readUInt16BE();
  }
}

const PINGREQ = bytesOf({ cmd: 'pingreq' });
const [first, second] = [PINGREQ.subarray(0, 1), PINGREQ.subarray(1)];
const piece = (payload: Uint8Array): Buffer => frame(OPCODE.continuation, payload, { fin: false });
const opening = frame(OPCODE.binary, first, { fin: false });

describe('what RFC 6455 allows', () => {
  test.each([
    ['a message in pieces (§5.4)', [opening, frame(OPCODE.continuation, second)]],
    ['a ping between them (§5.4)', [opening, frame(OPCODE.ping), frame(OPCODE.continuation, second)]],
    ['an empty message', [frame(OPCODE.binary), frame(OPCODE.binary, PINGREQ)]],
    ['a pong that nobody asked for (§5.5.3)', [frame(OPCODE.pong), frame(OPCODE.binary, PINGREQ)]],
    ['a length in more bytes than it needs', [frame(OPCODE.binary, PINGREQ, { lengthBytes: 8 })]],
  ])('is taken: %s', async (_what, frames) => {
    const link = await RawLink.open();
    link.send(...frames);
    const answer = await link.connection.until((received) => {
      const end = received.indexOf('\r\n\r\n') + 4;
      return framesIn(received.subarray(end)).find(({ payload }) => payload.equals(Buffer.of(0xd0, 0)));
    });
    expect(answer.opcode).toBe(OPCODE.binary);
    link.send(frame(OPCODE.close, closePayload(1000)));
    expect(await link.closeCode()).toBe(1000);
  });

  test('is answered: a ping, with what it says (§5.5.3)', async () => {
    const link = await RawLink.open();
    link.send(frame(OPCODE.ping, Buffer.from('hello')));
    expect((await link.until(OPCODE.pong)).payload.toString()).toBe('hello');
    link.connection.socket.destroy();
  });

  test.each([1000, 1001, 1011, 3000, 4999])('is answered: a close with %i (§5.5.1)', async (code) => {
    const link = await RawLink.open();
    link.send(frame(OPCODE.close, closePayload(code, Buffer.from('bye'))));
    expect(await link.closeCode()).toBe(code);
  });
});

const PROTOCOL_ERROR = 1002;
const NOT_ACCEPTED = 1003;
const NOT_UTF8 = 1007;
const POLICY = 1008;
const TOO_BIG = 1009;

const FRAMES: [string, Uint8Array[], number][] = [
  ['without a mask (§5.1)', [frame(OPCODE.binary, PINGREQ, { masked: false })], PROTOCOL_ERROR],
  ['of control without a mask', [frame(OPCODE.ping, undefined, { masked: false })], PROTOCOL_ERROR],
  ...[1, 2, 4].map((rsv): [string, Uint8Array[], number] => [
    `with the reserved bits ${rsv.toString(2).padStart(3, '0')} (§5.2)`,
    [frame(OPCODE.binary, PINGREQ, { rsv })],
    PROTOCOL_ERROR,
  ]),
  ['of control with a reserved bit', [frame(OPCODE.ping, undefined, { rsv: 4 })], PROTOCOL_ERROR],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, Uint8Array[], number] => [
    `with the reserved opcode ${opcode} (§5.2)`,
    [frame(opcode)],
    PROTOCOL_ERROR,
  ]),
  ['of control in pieces (§5.5)', [frame(OPCODE.ping, undefined, { fin: false })], PROTOCOL_ERROR],
  ['that closes in pieces', [frame(OPCODE.close, closePayload(1000), { fin: false })], PROTOCOL_ERROR],
  ['of control with 126 bytes (§5.5)', [frame(OPCODE.ping, Buffer.alloc(126))], PROTOCOL_ERROR],
  ['that goes on with nothing (§5.4)', [frame(OPCODE.continuation, PINGREQ)], PROTOCOL_ERROR],
  ['that begins between pieces (§5.4)', [opening, frame(OPCODE.binary, PINGREQ)], PROTOCOL_ERROR],
  ['that closes with half of a code (§5.5.1)', [frame(OPCODE.close, Buffer.of(3))], PROTOCOL_ERROR],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code): [string, Uint8Array[], number] => [
    `that closes with ${code} (§7.4)`,
    [frame(OPCODE.close, closePayload(code))],
    PROTOCOL_ERROR,
  ]),
  [
    'that closes with a reason that is not UTF-8 (§5.5.1)',
    [frame(OPCODE.close, closePayload(1000, Buffer.of(0xc3, 0x28)))],
    NOT_UTF8,
  ],
  ['of text [MQTT-6.0.0-1]', [frame(OPCODE.text, Buffer.from('hello'))], NOT_ACCEPTED],
  [
    'of text in pieces',
    [frame(OPCODE.text, Buffer.from('h'), { fin: false }), frame(OPCODE.continuation, Buffer.from('i'))],
    NOT_ACCEPTED,
  ],
  ['of text that is not UTF-8 (§8.1)', [frame(OPCODE.text, Buffer.of(0xc3, 0x28))], NOT_UTF8],
  ['that announces a gigabyte', [frame(OPCODE.binary, PINGREQ, { announced: 1n << 30n })], TOO_BIG],
  ['whose length has its top bit (§5.2)', [frame(OPCODE.binary, PINGREQ, { announced: 1n << 63n })], TOO_BIG],
  [
    'in pieces that are too long together',
    [frame(OPCODE.binary, Buffer.alloc(100_000), { fin: false }), piece(Buffer.alloc(100_000))],
    TOO_BIG,
  ],
  ['in very many pieces', [opening, ...Array.from({ length: 1_000 }, () => piece(Buffer.alloc(0)))], POLICY],
];

describe('a frame ends its link', () => {
  test.each(FRAMES)('%s', async (_what, frames, code) => {
    const link = await RawLink.open();
    link.send(...frames);
    expect(await link.closeCode()).toBe(code);
    await bystander.settled();
  });
});

describe('a flood', () => {
  const flood = (each: Buffer): Buffer => Buffer.concat(Array.from({ length: 2_000 }, () => each));

  test.each([
    ['of pings', frame(OPCODE.ping, Buffer.alloc(125))],
    ['of empty pings', frame(OPCODE.ping)],
  ])('%s ends its link', async (_what, each) => {
    const link = await RawLink.open();
    link.send(flood(each));
    await link.connection.closed;
    await hub.log.line(/lamp disconnected: more than 32 pings at once/);
    await bystander.settled();
  });

  test.each([
    ['of pongs', frame(OPCODE.pong)],
    ['of empty messages', frame(OPCODE.binary)],
  ])('%s is passed over', async (_what, each) => {
    const link = await RawLink.open();
    link.send(flood(each), frame(OPCODE.close, closePayload(1000)));
    expect(await link.closeCode()).toBe(1000);
    await bystander.settled();
  });
});
