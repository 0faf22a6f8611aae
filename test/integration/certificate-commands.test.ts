import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bringPair, type TestPair } from '../support/certificates.ts';
import { expectOneLine, run, type Ended } from '../support/command-line.ts';

const DAY = 86_400_000;

let pair: TestPair;
let other: TestPair;
let ended: TestPair;
beforeAll(async () => {
  pair = await bringPair(['hub.example.com', '*.lan.example.com']);
  other = await bringPair(['hub.example.com']);
  ended = await bringPair(['hub.example.com'], Date.now() - 398 * DAY);
});

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'switchyard-certificates-'))));
afterEach(() => rmSync(data, { recursive: true }));

const write = (name: string, content: string): void => writeFileSync(join(data, name), content);
const serve = (...more: string[]): Promise<Ended> =>
  run(['--data', data, 'serve', '--port', '0', '--http-port', '0', ...more], { printed: /SHA-256/ });
const ca = (...more: string[]): Promise<Ended> => run(['--data', data, 'ca', ...more]);
const fingerprint = (pem: string): string => new X509Certificate(pem).fingerprint256;
const OWN = '[https]\ncertificate = "chain.pem"\nkey = "key.pem"\n';

describe('a hub with its own authority', () => {
  test('prints its fingerprint when it starts, and with "ca" whenever it is asked for', async () => {
    const { out } = await serve();
    const [authority, server] = ['ca.pem', 'server.pem'].map((name) =>
      readFileSync(join(data, name), 'utf8'),
    );
    expect(out).toContain(
      `Local CA     ${join(data, 'ca.pem')}\n               SHA-256 ${fingerprint(authority ?? '')}\n`,
    );
    expect((await ca()).out.split('\n')).toEqual([
      `Authority: ${join(data, 'ca.pem')}`,
      `  SHA-256  ${fingerprint(authority ?? '')}`,
      expect.stringMatching(
        /^ {2}valid {4}from 20\d\d-\d\d-\d\d \d\d:\d\d UTC to 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/,
      ),
      `Certificate of the hub: ${join(data, 'server.pem')}`,
      `  SHA-256  ${fingerprint(server ?? '')}`,
      expect.stringMatching(/^ {2}valid {4}from /),
      expect.stringMatching(/^ {2}names {4}DNS:localhost, IP Address:127\.0\.0\.1, /),
      '',
    ]);
  });

  test('that has never started has none, and "ca" makes none', async () => {
    const none = join(data, 'none');
    expectOneLine(await run(['--data', none, 'ca']), /there is no .*ca\.pem: the first start makes it/);
    expect(existsSync(none)).toBe(false);
  });

  test('whose authority is damaged is told so', async () => {
    write('ca.pem', 'x');
    expectOneLine(await ca(), /ca\.pem is not a certificate: restore it from a backup/);
  });
});

describe('a hub that is given a certificate', () => {
  test('prints what it uses, and where it is found', async () => {
    write('switchyard.toml', OWN);
    write('chain.pem', pair.cert);
    write('key.pem', pair.key);
    const { out, code } = await serve();
    expect(code).toBe(0);
    expect(out).toMatch(/Console +https:\/\/hub\.example\.com:\d+\/sign-in#/);
    expect(out).toMatch(/Devices +wss:\/\/hub\.example\.com:\d+\/mqtt/);
    expect(out).toContain(
      `Certificate  ${join(data, 'chain.pem')}\n               SHA-256 ${fingerprint(pair.cert)}\n`,
    );
    expect(existsSync(join(data, 'ca.pem'))).toBe(false);
    expect((await ca()).out.split('\n')).toEqual([
      'The hub is given a certificate, so it has no authority of its own.',
      `Certificate: ${join(data, 'chain.pem')}`,
      `  SHA-256  ${fingerprint(pair.cert)}`,
      expect.stringMatching(/^ {2}valid {4}from /),
      '  names    DNS:hub.example.com, DNS:*.lan.example.com',
      '',
    ]);
  });

  test('may be told so by flags, with paths from where it is started', async () => {
    write('chain.pem', pair.cert);
    write('key.pem', pair.key);
    const flags = ['--certificate', join(data, 'chain.pem'), '--key', join(data, 'key.pem')];
    expect((await ca(...flags)).out).toContain(fingerprint(pair.cert));
    expectOneLine(
      await ca('--certificate', 'chain.pem', '--key', 'key.pem'),
      new RegExp(`${process.cwd()}/chain\\.pem is missing`),
    );
  });

  test.each<[string, () => void, RegExp]>([
    ['no files', () => undefined, /chain\.pem is missing: put it there, or correct its path/],
    ['no key', () => write('chain.pem', pair.cert), /key\.pem is missing/],
    [
      'no PEM',
      () => (write('chain.pem', 'x'), write('key.pem', pair.key)),
      /chain\.pem holds no PEM certificate: /,
    ],
    [
      'the key to another',
      () => (write('chain.pem', pair.cert), write('key.pem', other.key)),
      /key\.pem is not the key to the certificate: take both from the same place/,
    ],
    [
      'one that has ended',
      () => (write('chain.pem', ended.cert), write('key.pem', ended.key)),
      /chain\.pem ended on 20\d\d-\d\d-\d\d \d\d:\d\d UTC: renew it/,
    ],
    [
      'half of the settings',
      () => write('switchyard.toml', '[https]\ncertificate = "chain.pem"\n'),
      /the setting https\.key is not right: https\.certificate is set, and neither is of use without the other/,
    ],
  ])('does not start with %s, and says why in one line', async (_what, prepare, pattern) => {
    write('switchyard.toml', OWN);
    prepare();
    expectOneLine(await serve(), pattern);
    expectOneLine(await ca(), pattern);
    expect(existsSync(join(data, 'ca.pem'))).toBe(false);
  });
});

test.each([
  [
    '0.0.0.0',
    /the setting http\.host is not right: what comes to 0\.0\.0\.0 is not encrypted: set "trustProxy"/,
  ],
  ['everywhere', /the setting http\.host is not right: must be an IP address/],
])('the plain listener does not open on %s for everybody', async (host, pattern) => {
  expectOneLine(await serve('--http-host', host), pattern);
});

test('proxies that are trusted are named with commas between them', async () => {
  const { code, out } = await serve('--http-host', '0.0.0.0', '--trust-proxy', '10.0.0.5, 10.1.0.0/16');
  expect(code).toBe(0);
  expect(out).toMatch(/Plain +http:\/\/localhost:\d+ .* from this machine and trusted proxies\n/);
  expectOneLine(await serve('--trust-proxy', '10.0.0.5,proxy.lan'), /the setting trustProxy\.1 is not right/);
});
