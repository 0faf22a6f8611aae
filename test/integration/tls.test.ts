import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bringRsaPair, type TestPair } from '../support/certificates.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';

/** Real handshakes: with the hub's own certificate, which is of ECDSA, and with one of RSA that it is given. */
let ecdsa: TestHub;
let rsa: TestHub;
let pair: TestPair;

beforeAll(async () => {
  ecdsa = await startTestHub();
  pair = await bringRsaPair(['localhost']);
  rsa = await startTestHub((same) => same, pair);
});
afterAll(() => Promise.all([ecdsa.close(), rsa.close()]));

/** What a client offers may be as old as OpenSSL still knows it. */
const OLD: ConnectionOptions = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' };

/** Resolves with the version and the suite that were agreed on, or with the error of the client. */
async function handshake(
  port: number,
  offer: ConnectionOptions,
): Promise<{ agreed?: string; refused?: string }> {
  const socket: TLSSocket = connect({ host: 'localhost', port, rejectUnauthorized: false, ...offer });
  try {
    await once(socket, 'secureConnect');
    return { agreed: `${socket.getProtocol()} ${socket.getCipher().standardName}` };
  } catch (error) {
    return { refused: (error as NodeJS.ErrnoException).code ?? String(error) };
  } finally {
    socket.destroy();
  }
}

const versions = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => ({
  minVersion: version,
  maxVersion: version,
});
const suite = (name: string): ConnectionOptions => ({
  ...versions('TLSv1.2'),
  ciphers: `${name}:@SECLEVEL=0`,
});

describe('a handshake is taken', () => {
  test.each([
    ['TLS 1.3', versions('TLSv1.3'), /^TLSv1\.3 TLS_AES_256_GCM_SHA384$/],
    ['TLS 1.2 as clients offer it today', versions('TLSv1.2'), /^TLSv1\.2 TLS_ECDHE_.*_WITH_AES_.*GCM/],
    ['whatever old client that knows better too', OLD, /^TLSv1\.3 /],
  ])('with %s', async (_what, offer, agreed) => {
    expect((await handshake(ecdsa.hub.httpsPort, offer)).agreed).toMatch(agreed);
    expect((await handshake(rsa.hub.httpsPort, offer)).agreed).toMatch(agreed);
  });

  test.each(['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'])(
    'with ECDHE and %s',
    async (name) => {
      const [own, given] = ['ECDSA', 'RSA'].map((key) => suite(`ECDHE-${key}-${name}`)) as [object, object];
      expect((await handshake(ecdsa.hub.httpsPort, own)).agreed).toMatch(/^TLSv1\.2 TLS_ECDHE_ECDSA_WITH_/);
      expect((await handshake(rsa.hub.httpsPort, given)).agreed).toMatch(/^TLSv1\.2 TLS_ECDHE_RSA_WITH_/);
    },
  );

  test('with the suite that the client likes best', async () => {
    const best = (first: string, second: string) =>
      handshake(ecdsa.hub.httpsPort, suite(`ECDHE-ECDSA-${first}:ECDHE-ECDSA-${second}`));
    expect((await best('CHACHA20-POLY1305', 'AES128-GCM-SHA256')).agreed).toMatch(/CHACHA20/);
    expect((await best('AES128-GCM-SHA256', 'CHACHA20-POLY1305')).agreed).toMatch(/AES_128_GCM/);
  });
});

const REFUSED: [string, ConnectionOptions, RegExp][] = [
  ['TLS 1.0', { ...OLD, ...versions('TLSv1') }, /^ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION$/],
  ['TLS 1.1', { ...OLD, ...versions('TLSv1.1') }, /^ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION$/],
  ...[
    'AES128-SHA',
    'AES256-SHA256',
    'AES128-GCM-SHA256',
    'AES256-GCM-SHA384',
    'ECDHE-RSA-AES128-SHA',
    'ECDHE-RSA-AES256-SHA384',
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'DHE-RSA-AES128-GCM-SHA256',
    'ADH-AES128-GCM-SHA256',
    'AECDH-AES128-SHA',
  ].map((name): [string, ConnectionOptions, RegExp] => [
    `TLS 1.2 and ${name} alone`,
    suite(name),
    /^ERR_SSL_(SSL\/TLS|SSLV3)_ALERT_HANDSHAKE_FAILURE$/,
  ]),
];

test.each(REFUSED)('a handshake with %s is refused, by an alert of the hub', async (_what, offer, alert) => {
  expect((await handshake(ecdsa.hub.httpsPort, offer)).refused).toMatch(alert);
  expect((await handshake(rsa.hub.httpsPort, offer)).refused).toMatch(alert);
});

test('the same offers are taken by a server that does not mind', async () => {
  const lax = createServer({
    key: [pair.key, readOwn('server-key.pem')],
    cert: [pair.cert, readOwn('server.pem')],
    minVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
    dhparam: 'auto',
  }).listen(0);
  onTestFinished(() => void lax.close());
  await once(lax, 'listening');
  const { port } = lax.address() as AddressInfo;
  const outcomes = await Promise.all(REFUSED.map(([, offer]) => handshake(port, offer)));
  expect(outcomes.filter(({ refused }) => refused !== undefined)).toEqual([]);
});

const readOwn = (name: string): string => readFileSync(join(ecdsa.settings.data, name), 'utf8');
