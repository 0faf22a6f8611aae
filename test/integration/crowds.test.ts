import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Settings } from '#broker/config/settings.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { HubProcess } from '../support/processes.ts';
import { RawClient } from '../support/raw-client.ts';
import { clientHello, RawConnection } from '../support/raw-connection.ts';
import { Scraper } from '../support/scraper.ts';

/** Addresses of this machine that the hub sees clients come from. */
const [HERE, ELSEWHERE] = ['127.0.0.2', '127.0.0.3'];

async function start(limits: Partial<Settings['limits']>, change: Partial<Settings> = {}): Promise<TestHub> {
  const hub = await startTestHub((settings) => ({
    ...settings,
    ...change,
    limits: { ...settings.limits, ...limits },
  }));
  onTestFinished(() => hub.close());
  return hub;
}

interface Asked {
  readonly status: number;
  readonly retryAfter: number;
  readonly socket: WebSocket;
}

/** Asks for a link, and resolves with how that is answered. */
async function ask(hub: TestHub, from = HERE, forwardedFor?: string): Promise<Asked> {
  const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
  const url = forwardedFor === undefined ? hub.wss.replace('localhost', '127.0.0.1') : hub.ws;
  const socket = new WebSocket(url, ['mqtt'], { ca: hub.ca, localAddress: from, headers });
  const answer = await Promise.race([
    once(socket, 'open').then(() => ({ status: 101, retryAfter: 0 })),
    once(socket, 'unexpected-response').then(([, response]) => ({
      status: response.statusCode as number,
      retryAfter: Number(response.headers['retry-after']),
    })),
  ]);
  socket.on('error', () => undefined);
  if (answer.status !== 101) socket.terminate();
  return { ...answer, socket };
}

/** Opens connections one after the other. */
async function open(hub: TestHub, way: 'tcp' | 'tls', count: number, from = HERE): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  for (let at = 0; at < count; at += 1) connections.push(await RawConnection.open(hub, way, from));
  return connections;
}

describe('links', () => {
  test('of one address are bounded; others are not refused for it, and one that ends makes room', async () => {
    const hub = await start({ linksPerAddress: 2 });
    const [first] = [await ask(hub), await ask(hub)];
    const refused = await ask(hub);
    expect(refused.status).toBe(503);
    expect(refused.retryAfter).toBeGreaterThan(0);
    await hub.log.line(
      /refused a connection from 127\.0\.0\.2 with 503: all 2 links that one address may have/,
    );
    expect((await ask(hub, ELSEWHERE)).status).toBe(101);
    first?.socket.close();
    await once(first?.socket as WebSocket, 'close');
    expect((await ask(hub)).status).toBe(101);
  });

  test('of all together are bounded', async () => {
    const hub = await start({ links: 2 });
    expect((await ask(hub, HERE)).status).toBe(101);
    expect((await ask(hub, ELSEWHERE)).status).toBe(101);
    expect(await ask(hub)).toMatchObject({ status: 503 });
    await hub.log.line(/with 503: all 2 links are in use: come again in \d+ s/);
  });

  test('are admitted at a rate, beyond which each is told when to come again', async () => {
    const hub = await start({ admissionRate: 1 });
    const asked = await Promise.all(Array.from({ length: 20 }, () => ask(hub)));
    const refused = asked.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(asked.length - refused.length).toBeGreaterThan(0);
    for (const { retryAfter } of refused) expect(retryAfter).toBeGreaterThan(0);
    expect(new Set(refused.map(({ retryAfter }) => retryAfter)).size).toBeGreaterThan(refused.length / 3);
    await hub.log.line(/with 503: more than 1 links a second: come again in \d+ s/);
  });

  test('of one address are admitted at a rate', async () => {
    const hub = await start({ addressAdmissionRate: 1 });
    const asked = await Promise.all(Array.from({ length: 20 }, () => ask(hub)));
    expect(asked.some(({ status }) => status === 503)).toBe(true);
    expect((await ask(hub, ELSEWHERE)).status).toBe(101);
  });

  test('by way of a proxy count for whom it speaks for', async () => {
    const hub = await start({ linksPerAddress: 1 }, { trustProxy: [HERE] });
    expect((await ask(hub, HERE, '198.51.100.1')).status).toBe(101);
    expect((await ask(hub, HERE, '198.51.100.1')).status).toBe(503);
    expect((await ask(hub, HERE, '198.51.100.2')).status).toBe(101);
    // One network of IPv6 is one household.
    expect((await ask(hub, HERE, '2001:db8::1')).status).toBe(101);
    expect((await ask(hub, HERE, '2001:db8::2')).status).toBe(503);
    expect((await ask(hub, HERE, '2001:db8:0:1::1')).status).toBe(101);
  });
});

describe('connections that say nothing', () => {
  test('are bounded for one address: whoever comes then goes', async () => {
    const hub = await start({ waitingPerAddress: 3 });
    await open(hub, 'tcp', 3);
    const [late] = await open(hub, 'tcp', 1);
    await late?.closed;
    await hub.log.line(/ended a connection from 127\.0\.0\.2: too many of its address wait/);
    expect((await ask(hub, ELSEWHERE)).status).toBe(101);
  });

  test('are bounded in all', async () => {
    const hub = await start({ waiting: 4 });
    await open(hub, 'tcp', 2, HERE);
    const silent = await open(hub, 'tcp', 2, ELSEWHERE);
    const [late] = await open(hub, 'tcp', 1);
    await late?.closed;
    await hub.log.line(/ended a connection from 127\.0\.0\.2: too many wait/);
    silent[0]?.socket.destroy();
    await silent[0]?.closed;
    expect((await ask(hub)).status).toBe(101);
  });
});

describe('connections that stop in the middle', () => {
  test('of a TLS handshake make room for those that do not, the oldest first', async () => {
    const hub = await start({ halfOpenPerAddress: 3 });
    const hello = await clientHello();
    const stopped: RawConnection[] = [];
    for (let at = 0; at < 4; at += 1) {
      const [connection] = (await open(hub, 'tcp', 1)) as [RawConnection];
      connection.send(hello);
      await connection.until((received) => received.length > 0 || undefined);
      stopped.push(connection);
    }
    await stopped[0]?.closed;
    await hub.log.line(/127\.0\.0\.2: too many of its address are no links, and it was the oldest/);
    expect((await ask(hub)).status).toBe(101);
    await stopped[1]?.closed;
    expect(stopped[3]?.socket.destroyed).toBe(false);
  });

  test('behind it do so, too, and in all as for one address', async () => {
    const hub = await start({ halfOpen: 3 });
    const elsewhere = await open(hub, 'tls', 1, ELSEWHERE);
    const stopped = await open(hub, 'tls', 3);
    await stopped[0]?.closed;
    await hub.log.line(/127\.0\.0\.2: too many are no links, and it was the oldest/);
    const links: WebSocket[] = [];
    for (let at = 0; at < 10; at += 1) links.push((await ask(hub)).socket);
    // Links are none of them, and stay.
    for (const link of links) {
      link.ping();
      await once(link, 'pong');
    }
    expect(elsewhere[0]?.socket.destroyed).toBe(false);
  });
});

test('connections that are gone are not counted any more, however they went', async () => {
  const hub = await start({ handshakeMs: 100 });
  const scraper = await Scraper.of(hub);
  const hello = await clientHello();
  const [silent, stopped, ...others] = [...(await open(hub, 'tcp', 4)), ...(await open(hub, 'tls', 4))];
  stopped?.send(hello);
  others[0]?.reset();
  others[1]?.send('GET / HTTP/1.0\r\n\r\n');
  others[2]?.reset();
  others[3]?.socket.end();
  others[4]?.send('GET / HTTP/1.0\r\n\r\n');
  others[5]?.send('no request\r\n\r\n');
  const { socket } = await ask(hub);
  socket.close();
  await Promise.all([silent, stopped, ...others].map((connection) => connection?.closed));
  await scraper.until('switchyard_connections_waiting', (waiting) => waiting === 0);
  // That of whoever asks.
  await scraper.until('switchyard_connections_half_open', (halfOpen) => halfOpen === 1);
});

test('whoever is refused and does not hang up is gone all the same', async () => {
  const hub = await start({});
  const scraper = await Scraper.of(hub);
  const refused = [
    'GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'x\r\n',
  ];
  const sockets = refused.map((request) => {
    const socket = connect({ port: hub.hub.httpPort, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).write(request);
    return socket.resume();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'end')));
  await scraper.until('switchyard_connections_half_open', (halfOpen) => halfOpen === 1);
  for (const socket of sockets) socket.destroy();
});

test('a hub without file descriptors for more connections serves those that it has, and more once some are gone', async () => {
  const hub = await HubProcess.start({ files: 100 });
  onTestFinished(async () => {
    await hub.stop();
    hub.remove();
  });
  const password = Buffer.from(await hub.token());
  const live = await RawClient.connect(hub, { username: '@owner', password });
  const crowd = Array.from({ length: 300 }, () => connect(hub.httpsPort, '127.0.0.1'));
  const turnedAway = Promise.withResolvers<void>();
  let gone = 0;
  for (const socket of crowd) {
    socket
      .on('error', () => undefined)
      .once('close', () => {
        gone += 1;
        if (gone === 200) turnedAway.resolve();
      });
  }
  await turnedAway.promise;
  await live.settled();
  for (const socket of crowd) socket.destroy();
  const next = await RawClient.open(hub);
  await Promise.all([next.drop(), live.disconnect()]);
}, 60_000);

test('a hub ends all connections that are no links when it closes, at once', async () => {
  const hub = await startTestHub();
  const hello = await clientHello();
  const connections = [...(await open(hub, 'tcp', 2)), ...(await open(hub, 'tls', 2))];
  connections[0]?.send(hello.subarray(0, 50));
  connections[1]?.send(hello);
  await connections[1]?.until((received) => received.length > 0 || undefined);
  connections[2]?.send('GET / HTTP/1.1\r\n');
  await Promise.all([hub.close(), ...connections.map(({ closed }) => closed)]);
});
