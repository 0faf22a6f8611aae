import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { RawClient } from '../support/raw-client.ts';
import { RawConnection, type Way } from '../support/raw-connection.ts';

let hub: TestHub;
let bystander: RawClient;

beforeAll(async () => {
  hub = await startTestHub();
  const password = Buffer.from(await hub.token());
  bystander = await RawClient.connect(hub, { username: '@owner', password });
});
afterAll(async () => {
  await bystander.disconnect();
  await hub.close();
});

const HEADERS: Readonly<Record<string, string>> = {
  Host: 'localhost',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol': 'mqtt',
};

/** A handshake as a device makes it, with some headers changed, others taken away, and more lines. */
function handshake(
  changed: Readonly<Record<string, string | undefined>> = {},
  { first = 'GET /mqtt HTTP/1.1', more = '' } = {},
): string {
  const lines = Object.entries({ ...HEADERS, ...changed })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${first}\r\n${lines.join('')}${more}\r\n`;
}

interface Malformed {
  readonly name: string;
  readonly bytes: string | Buffer;
  /** What its peer and the log are told. */
  readonly status: number;
  readonly says: RegExp;
  readonly headers?: RegExp;
}

const UPGRADES: Malformed[] = [
  {
    name: 'another version of WebSocket',
    bytes: handshake({ 'Sec-WebSocket-Version': '8' }),
    status: 426,
    says: /the version of the WebSocket protocol is 13/,
    headers: /^Sec-WebSocket-Version: 13$/m,
  },
  {
    name: 'no version',
    bytes: handshake({ 'Sec-WebSocket-Version': undefined }),
    status: 426,
    says: /is 13/,
  },
  {
    name: 'no key',
    bytes: handshake({ 'Sec-WebSocket-Key': undefined }),
    status: 400,
    says: /one key of 16/,
  },
  {
    name: 'a key that is none',
    bytes: handshake({ 'Sec-WebSocket-Key': 'x' }),
    status: 400,
    says: /one key/,
  },
  {
    name: 'two keys',
    bytes: handshake({}, { more: 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' }),
    status: 400,
    says: /one key/,
  },
  {
    name: 'HTTP/1.0',
    bytes: handshake({}, { first: 'GET /mqtt HTTP/1.0' }),
    status: 400,
    says: /HTTP\/1\.1/,
  },
  {
    name: 'another method',
    bytes: handshake({}, { first: 'POST /mqtt HTTP/1.1' }),
    status: 405,
    says: /begins with GET/,
    headers: /^Allow: GET$/m,
  },
  { name: 'no Host', bytes: handshake({ Host: undefined }), status: 400, says: /one Host/ },
  { name: 'two Hosts', bytes: handshake({}, { more: 'Host: other\r\n' }), status: 400, says: /one Host/ },
  {
    name: 'a body',
    bytes: `${handshake({}, { more: 'Content-Length: 5\r\n' })}hello`,
    status: 400,
    says: /no body/,
  },
  {
    name: 'a body in chunks',
    bytes: `${handshake({}, { more: 'Transfer-Encoding: chunked\r\n' })}1\r\nx\r\n`,
    status: 400,
    says: /no body/,
  },
  {
    name: 'a frame right behind it',
    bytes: Buffer.concat([Buffer.from(handshake()), Buffer.of(0x89, 0x80, 0, 0, 0, 0)]),
    status: 400,
    says: /answered before anything may follow/,
  },
  {
    name: 'another handshake right behind it',
    bytes: handshake() + handshake(),
    status: 400,
    says: /may follow/,
  },
  {
    name: 'no subprotocol',
    bytes: handshake({ 'Sec-WebSocket-Protocol': undefined }),
    status: 400,
    says: /offer the WebSocket subprotocol/,
  },
  {
    name: 'another path',
    bytes: handshake({}, { first: 'GET /other HTTP/1.1' }),
    status: 404,
    says: /nothing at/,
  },
];

const REQUESTS: Malformed[] = [
  { name: 'no HTTP', bytes: 'hello\r\n\r\n', status: 400, says: /no request of HTTP\/1\.1/ },
  { name: 'another protocol', bytes: 'GET / SMTP/1.1\r\n\r\n', status: 400, says: /no request of HTTP/ },
  { name: 'HTTP/2 in the clear', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400, says: /no request/ },
  {
    name: 'a method that is none',
    bytes: 'GRAB / HTTP/1.1\r\nHost: x\r\n\r\n',
    status: 400,
    says: /no request/,
  },
  {
    name: 'a header without a colon',
    bytes: 'GET / HTTP/1.1\r\nHost\r\n\r\n',
    status: 400,
    says: /no request/,
  },
  {
    name: 'a control character in a header',
    bytes: 'GET / HTTP/1.1\r\nHost: \x00\r\n\r\n',
    status: 400,
    says: /no/,
  },
  {
    name: 'two lengths of a body',
    bytes: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    status: 400,
    says: /no request/,
  },
  {
    name: 'a length and chunks',
    bytes: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    status: 400,
    says: /no request/,
  },
  {
    name: 'headers of 100 KB',
    bytes: `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
    status: 431,
    says: /headers of a request may have 16 KiB/,
  },
  {
    name: 'a handshake with headers of 100 KB',
    bytes: handshake({}, { more: `X: ${'x'.repeat(100_000)}\r\n` }),
    status: 431,
    says: /headers of a request may have 16 KiB/,
  },
  {
    name: 'a path of 100 KB',
    bytes: handshake({}, { first: `GET /${'x'.repeat(100_000)} HTTP/1.1` }),
    status: 431,
    says: /16 KiB/,
  },
  {
    name: 'a request to a proxy',
    bytes: 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    status: 400,
    says: /no proxy/,
  },
  { name: 'zeros', bytes: Buffer.alloc(100_000), status: 400, says: /no request/ },
];

const STATUS = /^HTTP\/1\.1 (\d{3}) /;

describe.each<Way>(['plain', 'tls'])('over %s the hub ends a connection with', (way) => {
  test.each([...UPGRADES, ...REQUESTS].map((each) => [each.name, each] as const))(
    '%s',
    async (_name, each) => {
      const peer = await RawConnection.open(hub, way);
      peer.send(each.bytes);
      await peer.closed;
      expect(Number(STATUS.exec(peer.text)?.[1])).toBe(each.status);
      expect(peer.text).toMatch(each.says);
      expect(peer.text.replaceAll('\r', '')).toMatch(each.headers ?? /^Connection: close\b/m);
      await hub.log.line(new RegExp(`from 127\\.0\\.0\\.1 with ${each.status}: .*${each.says.source}`));
      await bystander.settled();
    },
  );

  test('many requests at once, before an answer is read', async () => {
    const peer = await RawConnection.open(hub, way);
    peer.send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(5_000));
    await peer.closed;
    await hub.log.line(/ended a connection from 127\.0\.0\.1: it sent 8 requests without reading an answer/);
    await bystander.settled();
  });
});

describe('at the port that speaks TLS the hub ends a connection', () => {
  test('that speaks HTTP, and says why', async () => {
    const peer = await RawConnection.open(hub, 'tcp');
    peer.send(handshake());
    await peer.closed;
    expect(peer.text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*connect with https:\/\/ or wss:\/\/\n$/s);
    await hub.log.line(/ended a connection from 127\.0\.0\.1: it does not speak TLS/);
    await bystander.settled();
  });

  test.each([
    ['bytes of nothing', Buffer.from('\x00\x01\x02\x03\x04\x05\x06\x07')],
    ['an MQTT packet', Buffer.of(0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 0)],
    ['too long a record', Buffer.of(22, 3, 1, 0xff, 0xff, 0)],
    ['an alert', Buffer.of(21, 3, 1, 0, 2, 2, 40)],
    ['a hello with nothing in it', Buffer.of(22, 3, 1, 0, 4, 1, 0, 0, 0)],
    ['a hello of noise', Buffer.concat([Buffer.of(22, 3, 1, 1, 0), Buffer.alloc(256, 0xa5)])],
    ['an empty record', Buffer.of(22, 3, 1, 0, 0)],
  ])('that begins with %s', async (_name, bytes) => {
    const said = /ended a connection from 127\.0\.0\.1: (it does not speak TLS|its TLS handshake failed \()/;
    const before = hub.log.lines.filter((line) => said.test(line)).length;
    const peer = await RawConnection.open(hub, 'tcp');
    peer.send(bytes);
    await Promise.all([peer.closed, hub.log.line(said, before + 1)]);
    expect(peer.text).not.toMatch(/HTTP/);
    await bystander.settled();
  });
});

test('a reset at any moment of a handshake ends nothing else', async () => {
  for (const way of ['tcp', 'tls', 'plain'] as const) {
    for (let length = 0; length <= handshake().length; length += 40) {
      const peer = await RawConnection.open(hub, way);
      if (length > 0) peer.send(handshake().slice(0, length));
      peer.reset();
      await peer.closed;
    }
  }
  await bystander.settled();
});
