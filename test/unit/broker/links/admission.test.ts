import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { limitsSchema } from '#broker/config/limits.ts';
import { Admission } from '#broker/links/admission.ts';
import { clientOf } from '#broker/links/client-address.ts';
import { ENDS } from '#broker/links/ends.ts';
import { openDoor } from '../../../support/door.ts';
import { handshake } from '../../../support/raw-https.ts';

let server: Server;
let admission: Admission;
let onLink: () => void;

beforeEach(async () => {
  onLink = () => undefined;
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  admission = new Admission({
    ...openDoor().admitting,
    bounds: limitsSchema.parse({}),
    silence: 20,
    originAllowed: () => true,
    clientOf: clientOf([]),
    onLink: () => onLink(),
    onFailure: (error) => expect.unreachable(String(error)),
  });
  admission.attach(server);
});

afterEach(async () => {
  await admission.close();
  server.close();
});

async function open(autoPong: boolean): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, ['mqtt'], { autoPong });
  await once(socket, 'open');
  return socket;
}

test('a silent link is pinged, and stays while it answers', async () => {
  const socket = await open(true);
  for (let pings = 0; pings < 5; pings += 1) await once(socket, 'ping');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(admission.count).toBe(1);
});

test('a silent link that does not answer its ping is ended', async () => {
  const socket = await open(false);
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect({ code, reason: reason.toString() }).toEqual({
    code: ENDS['ping-timeout'],
    reason: 'no answer to a ping',
  });
});

test('of handshakes that come at once, few are answered in one turn of the event loop', async () => {
  const { port } = server.address() as AddressInfo;
  const peers = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
  await Promise.all(peers.map((peer) => once(peer, 'connect')));
  while ((await connections()) < peers.length) await turn();

  let links = 0;
  // Three of them take more of a turn than they may.
  onLink = () => {
    links += 1;
    const end = processorTime() + 5;
    while (processorTime() < end);
  };
  for (const peer of peers) peer.write([...handshake(), '', ''].join('\r\n'));
  const inATurn: number[] = [];
  for (let before = 0; before < peers.length; before = links) {
    await turn();
    inATurn.push(links - before);
  }
  // As many of those that came in a turn as of those that have waited for it.
  expect(Math.max(...inATurn)).toBeLessThanOrEqual(2 * 3);
  for (const peer of peers) peer.destroy();
});

/** What this thread has had of the processor, in ms. */
const processorTime = (): number => process.threadCpuUsage().user / 1_000;

const connections = (): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

/** Resolves in the next turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
