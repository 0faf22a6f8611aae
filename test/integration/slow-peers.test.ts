import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { openListeners } from '../support/listeners.ts';
import { RawClient } from '../support/raw-client.ts';
import { clientHello, RawConnection, type Way } from '../support/raw-connection.ts';

/** A hub in a hurry, and somebody who is linked to it meanwhile. */
let hub: TestHub;
let bystander: RawClient;
let hello: Buffer;

beforeAll(async () => {
  hub = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, handshakeMs: 300, headersMs: 300, requestMs: 600 },
  }));
  const password = Buffer.from(await hub.token());
  bystander = await RawClient.connect(hub, { username: '@owner', password });
  hello = await clientHello();
});
afterAll(async () => {
  await bystander.disconnect();
  await hub.close();
});

const HEADERS = 'POST /api/provision HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const UPGRADE = 'GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';

/** Long enough for the hub to see each byte by itself, and short enough to look alive. */
const apart = (): Promise<void> => pause(10);

interface Slow {
  readonly name: string;
  readonly way: Way;
  send?(connection: RawConnection): unknown;
  readonly says: RegExp;
  /** What its peer is told. */
  readonly answer?: RegExp;
}

const SILENT = /ended a connection from 127\.0\.0\.1: it began no handshake in time/;
const LATE = /refused a request from 127\.0\.0\.1 with 408: the request did not come whole in time/;
const TOLD = /^HTTP\/1\.1 408 Request Timeout\r\n.*\r\n\r\nthe request did not come whole in time\n$/s;

const PEERS: Slow[] = [
  { name: 'that says nothing', way: 'tcp', says: SILENT },
  { name: 'that says nothing to the plain listener', way: 'plain', says: SILENT },
  {
    name: 'that sends half of a ClientHello',
    way: 'tcp',
    send: (peer) => peer.send(hello.subarray(0, 100)),
    says: SILENT,
  },
  {
    name: 'that sends a ClientHello byte by byte',
    way: 'tcp',
    send: (peer) => peer.trickle(hello, apart),
    says: SILENT,
  },
  {
    name: 'that never goes on behind its ClientHello',
    way: 'tcp',
    send: (peer) => peer.send(hello),
    says: /ended a connection from 127\.0\.0\.1: its TLS handshake took too long/,
  },
  { name: 'that says nothing behind its TLS handshake', way: 'tls', says: LATE, answer: TOLD },
  {
    name: 'that sends half of a header',
    way: 'tls',
    send: (peer) => peer.send('GET / HTTP/1.1\r\nHost: loc'),
    says: LATE,
    answer: TOLD,
  },
  {
    name: 'that sends headers byte by byte',
    way: 'tls',
    send: (peer) => peer.trickle(Buffer.from(HEADERS), apart),
    says: LATE,
    answer: TOLD,
  },
  {
    name: 'that sends a header now and then',
    way: 'plain',
    send: async (peer) => {
      peer.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
      for (let at = 0; !peer.socket.destroyed; at += 1, await apart()) peer.send(`X-${at}: x\r\n`);
    },
    says: LATE,
    answer: TOLD,
  },
  {
    name: 'that sends half of a handshake',
    way: 'plain',
    send: (peer) => peer.send(UPGRADE),
    says: LATE,
    answer: TOLD,
  },
  {
    name: 'that never sends the body it has announced',
    way: 'tls',
    send: (peer) => peer.send(`${HEADERS}Content-Length: 10\r\n\r\n`),
    says: LATE,
    answer: TOLD,
  },
  {
    name: 'that sends its body byte by byte',
    way: 'tls',
    send: (peer) => {
      peer.send(`${HEADERS}Content-Length: 10000\r\n\r\n`);
      return peer.trickle(Buffer.alloc(10_000, ' '), apart);
    },
    says: LATE,
    answer: TOLD,
  },
  {
    name: 'that sends chunks of a body without an end',
    way: 'plain',
    send: async (peer) => {
      peer.send(`${HEADERS}Transfer-Encoding: chunked\r\n\r\n`);
      while (!peer.socket.destroyed) {
        peer.send('1\r\nx\r\n');
        await apart();
      }
    },
    says: LATE,
    answer: TOLD,
  },
];

describe('the hub ends a connection', () => {
  test.each(PEERS.map((peer) => [peer.name, peer] as const))('%s', async (_name, slow) => {
    const { way, send, says, answer } = slow;
    const before = hub.log.lines.filter((line) => says.test(line)).length;
    const peer = await RawConnection.open(hub, way);
    await Promise.all([send?.(peer), peer.closed, hub.log.line(says, before + 1)]);
    expect(peer.text).toMatch(answer ?? /^/);
    await bystander.settled();
  });
});

test('the hub ends a connection on which nobody reads what was asked for', async () => {
  const ended = Promise.withResolvers<boolean>();
  const listeners = await openListeners(
    (_request, response) => {
      response.once('close', () => ended.resolve(response.writableFinished));
      // More than systems buffer.
      response.end(Buffer.alloc(64 * 1_024 * 1_024));
    },
    { stalledMs: 300 },
  );
  const socket = connect(listeners.httpPort, '127.0.0.1').pause();
  socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await ended.promise).toBe(false);
  socket.destroy();
});
