import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { openListeners } from '../support/listeners.ts';
import { bytesOf, connectPacket, RawClient } from '../support/raw-client.ts';
import { clientHello } from '../support/raw-connection.ts';

/** A machine that has other things to do, too, makes no test fail. */
const PATIENT = {
  handshakeMs: 60_000,
  headersMs: 60_000,
  requestMs: 60_000,
  waitingMs: 60_000,
  connectMs: 60_000,
};

/** Opens a connection that says nothing yet. */
async function knock(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

interface Device {
  readonly id: string;
  readonly secret: string;
}

/** Connects a device. Resolves with its link, or with the seconds after which it may come again. */
function enter(hub: TestHub, socket: Socket, { id, secret }: Device): Promise<WebSocket | number> {
  const createConnection = () => connectTls({ socket, servername: 'localhost', ca: hub.ca });
  const link = new WebSocket(hub.wss, ['mqtt'], { createConnection });
  const connect = connectPacket({ clientId: id, username: `home/${id}`, password: Buffer.from(secret) });
  return new Promise((resolve, reject) => {
    link.on('open', () => link.send(bytesOf(connect)));
    link.on('message', (packet: Buffer) => {
      if (packet[3] === 0) resolve(link);
      else reject(new Error(`${id} was refused: ${packet[3]}`));
    });
    link.on('unexpected-response', (_request, { statusCode, headers }) => {
      if (statusCode === 503) resolve(Number(headers['retry-after']));
      else reject(new Error(`${id} was answered ${statusCode}`));
      link.terminate();
    });
    link.on('error', reject);
    link.on('close', () => reject(new Error(`${id} was sent away`)));
  });
}

const DEVICES = 2_000;
/** How many devices may come in at most while a link that is up waits for an answer. */
const MOST_BETWEEN = 100;

test('two thousand devices that come at once are all let in, and a link that is up is answered all the time', async () => {
  const hub = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, ...PATIENT },
  }));
  onTestFinished(() => hub.close());
  const secrets = await hub.addDevices(
    ...Array.from({ length: DEVICES }, (_, at) => ({ id: `device-${at}` })),
  );
  const password = Buffer.from(await hub.token());
  const live = await RawClient.connect(hub, { username: '@owner', password });
  const { httpsPort } = hub.hub;
  // All are there before the first of them says anything.
  const sockets = await Promise.all(Array.from({ length: DEVICES }, () => knock(httpsPort)));

  const links: WebSocket[] = [];
  const comeIn = async (device: Device, first: Socket): Promise<void> => {
    let link = await enter(hub, first, device);
    while (typeof link === 'number') {
      await pause(link * 1_000);
      link = await enter(hub, await knock(httpsPort), device);
    }
    links.push(link);
  };
  const between: number[] = [];
  const beAnswered = async (): Promise<void> => {
    while (links.length < DEVICES) {
      const before = links.length;
      await live.settled();
      between.push(links.length - before);
    }
  };
  const devices = [...secrets].map(([id, secret]) => ({ id, secret }));
  const coming = devices.map((device, at) => comeIn(device, sockets[at] as Socket));
  await Promise.all([...coming, beAnswered()]);

  expect(Math.max(...between)).toBeLessThan(MOST_BETWEEN);
  for (const link of links) link.terminate();
  await live.disconnect();
}, 120_000);

const HELLOS = 500;
/** How many handshakes may begin in one turn of the event loop at most, however fast a machine is. */
const MOST_IN_A_TURN = 50;

test('of five hundred handshakes that could begin at once, few begin in one turn of the event loop', async () => {
  const listeners = await openListeners((_request, response) => response.end());
  const taken = connectionsOf(listeners.https);
  const [hello, ...peers] = await Promise.all([
    clientHello(),
    ...Array.from({ length: HELLOS }, () => knock(listeners.httpsPort)),
  ]);
  while (taken.length < HELLOS) await turn();

  for (const peer of peers) peer.write(hello);
  const begun = (): number => taken.filter(({ bytesWritten }) => bytesWritten > 0).length;
  const inATurn: number[] = [];
  for (let before = 0; before < HELLOS;) {
    await turn();
    const now = begun();
    inATurn.push(now - before);
    before = now;
  }
  expect(Math.max(...inATurn)).toBeLessThanOrEqual(MOST_IN_A_TURN);
  for (const peer of peers) peer.destroy();
}, 60_000);

/** The connections that a server is given from now on. */
function connectionsOf(server: Server): Socket[] {
  const connections: Socket[] = [];
  server.on('connection', (socket) => connections.push(socket));
  return connections;
}

/** Resolves in the next turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
