import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { STATUS } from '#firmware-protocol';
import { session, toldSessions } from '#broker/contract/session.ts';
import { bringPair, type TestPair } from '../support/certificates.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';
import { PASSWORD } from '../support/sign-in.ts';
import { askRaw, handshake } from '../support/raw-https.ts';

/** HAProxy as docs/reverse-proxy.md sets it up, in front of a hub that trusts it. */
let hub: TestHub;
let pair: TestPair;
let proxy: ChildProcess;
let port: number;

const ORIGIN = 'https://hub.example.com';
const PROXY = '127.0.0.1';
/** A client that the hub has no reason to trust. */
const CLIENT = '127.0.0.2';
const CLAIMED = '203.0.113.66';

beforeAll(async () => {
  hub = await startTestHub((settings) => ({ ...settings, origins: [ORIGIN], trustProxy: [PROXY] }));
  pair = await bringPair(['hub.example.com', PROXY]);
  port = await freePort();
  const certificate = join(hub.settings.data, 'hub.pem');
  const config = join(hub.settings.data, 'haproxy.cfg');
  writeFileSync(certificate, `${pair.cert}\n${pair.key}`);
  const documented = /```haproxy\n(?<lines>.*?)```/s.exec(readFileSync('docs/reverse-proxy.md', 'utf8'));
  writeFileSync(
    config,
    (documented?.groups?.['lines'] ?? '')
      .replace(':443', `${PROXY}:${port}`)
      .replace('/etc/haproxy/hub.pem', certificate)
      .replace('127.0.0.1:8080', `${PROXY}:${hub.hub.httpPort}`),
  );
  proxy = spawn('haproxy', ['-db', '-f', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  await listening(port);
});
afterAll(async () => {
  proxy.kill();
  await once(proxy, 'exit');
  await hub.close();
});
afterEach(() => hub.log.lines.splice(0));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, PROXY);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something listens there, which HAProxy says to nobody. */
async function listening(port: number): Promise<void> {
  for (;;) {
    // From another address: a socket that comes from the very port that it wants would be connected with itself.
    const socket = connectTcp({ port, host: PROXY, localAddress: CLIENT });
    const opened = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (opened) return;
    await pause(20);
  }
}

const asClient = () => ({
  ca: pair.ca,
  localAddress: CLIENT,
  headers: { Host: 'hub.example.com' },
});
const viaProxy = (): string => `wss://${PROXY}:${port}/mqtt`;

/** Whether a handshake is taken; the status where it is not. */
async function knock(url: string, options: ClientOptions): Promise<number> {
  const socket = new WebSocket(url, ['mqtt'], options);
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    ),
  ]);
  socket.on('error', () => undefined).terminate();
  return status;
}

interface Answered {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One HTTPS request by way of the proxy. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answered> {
  const { ca, localAddress } = asClient();
  const options = { host: PROXY, port, method, path, ca, localAddress, servername: 'hub.example.com' };
  const length = String(Buffer.byteLength(body));
  const all = { Host: 'hub.example.com', 'Content-Length': length, ...headers };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, agent: false, headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ headers: response.headers, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

describe('behind a proxy that is trusted', () => {
  test('a device is linked, and the log knows it by its own address', async () => {
    const secrets = await hub.addDevices({ id: 'lamp' });
    const operator = await TestOperator.connect(hub);
    const lamp = await mqtt.connectAsync(
      viaProxy(),
      {
        protocolVersion: 4,
        reconnectPeriod: 0,
        clientId: 'lamp',
        username: 'home/lamp',
        password: secrets.get('lamp') ?? '',
        ca: pair.ca,
        wsOptions: { localAddress: CLIENT },
      },
      false,
    );
    expect(await hub.log.line(/lamp connected from/)).toContain(`from ${CLIENT}`);
    await operator.untilDevice('lamp', ({ st }) => st === STATUS.online);
    await Promise.all([lamp.endAsync(true), operator.client.end()]);
  });

  test('what a client claims to be is passed over', async () => {
    const headers = { Host: 'hub.example.com', 'X-Forwarded-For': CLAIMED };
    expect(await knock(viaProxy(), { ...asClient(), headers, origin: 'https://evil.example.com' })).toBe(403);
    expect(await hub.log.line(/refused a connection/)).toContain(`from ${CLIENT} with 403`);
    expect(hub.log.lines.join()).not.toContain(CLAIMED);
  });

  test('somebody who signs in does so from their own address', async () => {
    const code = await hub.signInCode();
    const headers = { Origin: ORIGIN, 'Content-Type': 'application/json', 'X-Forwarded-For': CLAIMED };
    const signedIn = await ask('POST', '/api/session', headers, JSON.stringify({ code, password: PASSWORD }));
    const { accessToken } = session.parse(JSON.parse(signedIn.body));
    const bearer = { Authorization: `Bearer ${accessToken}` };
    const { sessions } = toldSessions.parse(
      JSON.parse((await ask('GET', '/api/account/sessions', bearer)).body),
    );
    expect(sessions.map(({ address }) => address)).toEqual([CLIENT]);
  });

  test.each<[string, Record<string, string>, string | undefined, number]>([
    ['no Origin', {}, undefined, 101],
    ['the Origin that is configured', {}, ORIGIN, 101],
    ['an Origin with its port written out', {}, `${ORIGIN}:443`, 403],
    ['a foreign Origin', {}, 'https://evil.example.com', 403],
    ['a foreign Origin and its own Host', { Host: 'evil.example.com' }, 'https://evil.example.com', 403],
    [
      'a foreign Origin and a forwarded host',
      { 'X-Forwarded-Host': 'evil.example.com', 'X-Forwarded-Proto': 'https' },
      'https://evil.example.com',
      403,
    ],
    ['null', {}, 'null', 403],
  ])('a handshake with %s is judged as anywhere', async (_what, more, origin, status) => {
    const headers = { Host: 'hub.example.com', ...more };
    expect(await knock(viaProxy(), { ...asClient(), headers, ...(origin && { origin }) })).toBe(status);
  });

  test('browsers are told to use https only, as the proxy says that they do', async () => {
    const told = async (host: string) =>
      (await ask('GET', '/healthz', { Host: host })).headers['strict-transport-security'];
    expect(await told('hub.example.com')).toBe('max-age=31536000');
    expect(await told('localhost')).toBeUndefined();
    const inTheClear = await askRaw({ port: hub.hub.httpPort }, [
      'GET /healthz HTTP/1.1',
      'Host: hub.example.com',
      'Connection: close',
    ]);
    expect(inTheClear.head).toMatch(/^HTTP\/1\.1 200/);
    expect(inTheClear.head).not.toMatch(/strict-transport/i);
  });
});

describe('from an address that is not trusted', () => {
  const headers = {
    Host: 'hub.example.com',
    'X-Forwarded-For': CLAIMED,
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'hub.example.com',
  };

  test('the headers of a proxy are passed over on the https listener', async () => {
    const options = { ca: hub.ca, localAddress: CLIENT, headers };
    const url = `wss://127.0.0.1:${hub.hub.httpsPort}/mqtt`;
    expect(await knock(url, { ...options, origin: 'https://evil.example.com' })).toBe(403);
    expect(await hub.log.line(/refused a connection/)).toContain(`from ${CLIENT} with 403`);
  });

  test('they are on the plain listener', async () => {
    const url = `ws://127.0.0.1:${hub.hub.httpPort}/mqtt`;
    expect(await knock(url, { localAddress: CLIENT, headers, origin: 'https://evil.example.com' })).toBe(403);
    expect(await hub.log.line(/refused a connection/)).toContain(`from ${CLIENT} with 403`);
  });
});

describe('a plain listener that is not on loopback', () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address;

  async function open(trustProxy: string[]): Promise<TestHub> {
    const other = await startTestHub((settings) => ({
      ...settings,
      trustProxy,
      http: { host: '0.0.0.0', port: 0 },
    }));
    onTestFinished(() => other.close());
    return other;
  }

  test('answers not a byte to whoever is not trusted, and says so', async () => {
    if (outside === undefined) throw new Error('this machine has no address but loopback');
    const other = await open(['192.0.2.1']);
    const target = { port: other.hub.httpPort, host: outside };
    const lines = ['GET /healthz HTTP/1.1', 'Host: x', 'Connection: close'];
    // It may end with a reset, which is no answer either.
    const answer = await askRaw(target, lines).catch(() => undefined);
    expect(answer?.head ?? '').toBe('');
    expect(await other.log.line(/ended a connection/)).toContain(
      `from ${outside}: it came to the plain listener, and is not in "trustProxy"`,
    );
    // This machine itself may.
    expect((await askRaw({ port: other.hub.httpPort }, handshake())).status).toBe(101);
  });

  test('serves proxies that are', async () => {
    if (outside === undefined) throw new Error('this machine has no address but loopback');
    const other = await open([outside]);
    const { status } = await askRaw({ port: other.hub.httpPort, host: outside }, handshake());
    expect(status).toBe(101);
  });
});
