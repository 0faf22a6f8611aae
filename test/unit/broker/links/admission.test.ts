import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { limitsSchema } from '#broker/config/limits.ts';
import { Admission } from '#broker/links/admission.ts';
import { clientOf } from '#broker/links/client-address.ts';
import { ENDS } from '#broker/links/ends.ts';
import type { Link } from '#broker/links/link.ts';
import { openDoor } from '../../../support/door.ts';
import { handshake } from '../../../support/raw-https.ts';

let server: Server;
let admission: Admission;
let onLink: (link: Link) => void;

/** @param silence how long a link may be silent before it is pinged, in ms */
async function start(silence?: number): Promise<void> {
  onLink = () => undefined;
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  admission = new Admission({
    ...openDoor().admitting,
    bounds: limitsSchema.parse({}),
    ...(silence !== undefined && { silence }),
    originAllowed: () => true,
    clientOf: clientOf([]),
    onLink: (link) => onLink(link),
    reach: () => 1,
    onFailure: (error) => expect.unreachable(String(error)),
  });
  admission.attach(server);
}

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
  await start(20);
  const socket = await open(true);
  for (let pings = 0; pings < 5; pings += 1) await once(socket, 'ping');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(admission.count).toBe(1);
});

test('a silent link that does not answer its ping is ended', async () => {
  await start(20);
  const socket = await open(false);
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect({ code, reason: reason.toString() }).toEqual({
    code: ENDS['ping-timeout'],
    reason: 'no answer to a ping',
  });
});

describe('of those that come at once, few are served in one turn of the event loop', () => {
  /** As many of those that came in a turn as of those that have waited for it: three of them take more than they may. */
  const FEW = 2 * 3;
  let peers: Socket[];
  let served: number;
  const work = (): void => {
    served += 1;
    const end = processorTime() + 5;
    while (processorTime() < end);
  };

  beforeEach(async () => {
    await start();
    const { port } = server.address() as AddressInfo;
    peers = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
    await Promise.all(peers.map((peer) => once(peer, 'connect')));
    while ((await connections()) < peers.length) await turn();
    served = 0;
  });
  afterEach(() => {
    for (const peer of peers) peer.destroy();
  });

  const shakeHands = (): void => {
    for (const peer of peers) peer.write([...handshake(), '', ''].join('\r\n'));
  };

  /** The greatest number that was served in a turn, once all were. */
  async function mostInATurn(): Promise<number> {
    const inATurn: number[] = [];
    for (let before = 0; before < peers.length; before = served) {
      await turn();
      inATurn.push(served - before);
    }
    return Math.max(...inATurn);
  }

  test('handshakes', async () => {
    onLink = work;
    shakeHands();
    expect(await mostInATurn()).toBeLessThanOrEqual(FEW);
  });

  test('ends of links', async () => {
    onLink = (link) => link.onceClosed(work);
    shakeHands();
    while (admission.count < peers.length) await turn();
    for (const peer of peers) peer.destroy();
    expect(await mostInATurn()).toBeLessThanOrEqual(FEW);
  });
});

/** What this thread has had of the processor, in ms. */
const processorTime = (): number => process.threadCpuUsage().user / 1_000;

const connections = (): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

/** Resolves in the next turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
