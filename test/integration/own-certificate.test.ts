import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { STATUS, TYPE, desc, upTopic } from '#firmware-protocol';
import { problem } from '#broker/contract/problem.ts';
import { bringPair, type TestPair } from '../support/certificates.ts';
import { ask } from '../support/https.ts';
import { OWN, startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, TestOperator } from '../support/mqtt-client.ts';

const NAMES = ['localhost', 'hub.example.com'];

let hub: TestHub;
let first: TestPair;
let second: TestPair;

beforeAll(async () => {
  first = await bringPair(NAMES);
  second = await bringPair([...NAMES, 'new.example.com']);
  hub = await startTestHub((same) => same, first);
});
afterAll(() => hub.close());

const fingerprint = ({ cert }: TestPair): string => new X509Certificate(cert).fingerprint256;
const write = (name: keyof typeof OWN, content: string): void =>
  writeFileSync(join(hub.settings.data, OWN[name]), content);

/** What a new handshake shows to whoever trusts this authority. */
async function presented(ca: string): Promise<PeerCertificate> {
  const socket = connectTls({ host: 'localhost', port: hub.hub.httpsPort, servername: 'localhost', ca });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

/** Whether a page of this origin may connect. */
async function admits(origin: string, ca: string): Promise<boolean> {
  const socket = new WebSocket(hub.wss, ['mqtt'], { ca, origin });
  const opened = await Promise.race([
    once(socket, 'open').then(() => true),
    once(socket, 'unexpected-response').then(() => false),
  ]);
  socket.on('error', () => undefined).terminate();
  return opened;
}

describe('a hub that is given a certificate', () => {
  test('presents it, and makes no authority of its own', async () => {
    expect((await presented(first.ca)).fingerprint256).toBe(fingerprint(first));
    for (const name of ['ca.pem', 'ca-key.pem', 'server.pem', 'server-key.pem']) {
      expect(existsSync(join(hub.settings.data, name))).toBe(false);
    }
    const { status, body } = await ask(hub, 'GET', '/ca.pem');
    expect(status).toBe(404);
    expect(problem.parse(JSON.parse(body)).error.message).toMatch(/no authority of its own/);
  });

  test('has its names for its own origins, and is told by the first that people can use', async () => {
    const port = hub.hub.httpsPort;
    expect(await admits(`https://hub.example.com:${port}`, first.ca)).toBe(true);
    expect(await admits(`https://new.example.com:${port}`, first.ca)).toBe(false);
    expect(await admits(`https://127.0.0.1:${port}`, first.ca)).toBe(false);
    expect(hub.hub.url).toBe(`https://localhost:${port}`);
    expect(hub.hub.fingerprint).toBe(fingerprint(first));
  });

  test('tells browsers to use nothing but https with its public names', async () => {
    const told = async (host: string) =>
      (await ask(hub, 'GET', '/healthz', { Host: host })).headers['strict-transport-security'];
    expect(await told('hub.example.com')).toBe('max-age=31536000');
    expect(await told(`hub.example.com:${hub.hub.httpsPort}`)).toBe('max-age=31536000');
    for (const host of ['localhost', 'other.example.com', '127.0.0.1'])
      expect(await told(host)).toBeUndefined();
  });
});

describe('when the files change', () => {
  test('the new certificate is presented from the next handshake on, and a link that is up stays', async () => {
    const secrets = await hub.addDevices({ id: 'lamp' });
    const device = await connectDevice(hub, 'lamp', secrets.get('lamp') ?? '');
    const operator = await TestOperator.connect(hub);
    await operator.untilDevice('lamp', ({ st }) => st === STATUS.online);

    write('key', second.key.slice(0, 100));
    await hub.log.line(
      /own-key\.pem holds a key that is damaged: .*; until then the certificate in use stays/,
    );
    expect((await presented(first.ca)).fingerprint256).toBe(fingerprint(first));

    write('certificate', second.cert);
    write('key', second.key);
    await hub.log.line(new RegExp(`took the new certificate .*${fingerprint(second)}`));
    expect((await presented(second.ca)).fingerprint256).toBe(fingerprint(second));
    await expect(presented(first.ca)).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' });

    const props = [{ pid: 1, key: 'on', type: TYPE.bool }];
    const described = Buffer.from(desc.encode({ proto: [1, 0], model: 'lamp', fw: '1', props }));
    await device.mqtt.publishAsync(upTopic('home', 'lamp', 'desc'), described, { qos: 1, retain: true });
    await operator.untilDevice('lamp', ({ dhash }) => dhash !== undefined);
    expect([device.mqtt.connected, operator.client.mqtt.connected]).toEqual([true, true]);
    await Promise.all([device.end(), operator.client.end()]);
  });

  test('its names are the hub’s own from then on', async () => {
    expect(await admits(`https://new.example.com:${hub.hub.httpsPort}`, second.ca)).toBe(true);
    expect(await admits('https://evil.example.com', second.ca)).toBe(false);
  });
});
