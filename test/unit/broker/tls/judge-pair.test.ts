import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { judgePair, type Pair } from '#broker/tls/judge-pair.ts';
import { bringPair, bringRsaPair, type TestPair } from '../../../support/certificates.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

let pair: TestPair;
let other: TestPair;
beforeAll(async () => {
  pair = await bringPair(['hub.example'], NOW);
  other = await bringPair(['hub.example'], NOW);
});

const leaf = (chain: string): string => chain.slice(0, chain.indexOf('-----END CERTIFICATE-----') + 26);

function judge(change: (own: TestPair) => Partial<Pair>, now = NOW) {
  const judgement = judgePair({ ...pair, ...change(pair) }, now);
  return 'fault' in judgement ? judgement.fault : judgement.certificate.fingerprint256;
}

describe('a pair can be used', () => {
  test.each<[string, (own: TestPair) => Partial<Pair>]>([
    ['with its chain', () => ({})],
    ['without its chain', ({ cert }) => ({ cert: leaf(cert) })],
    ['with words around what is PEM', ({ cert }) => ({ cert: `subject=CN=hub\n${cert}\n` })],
    [
      'with line ends of Windows',
      ({ cert, key }) => ({
        cert: cert.replaceAll('\n', '\r\n'),
        key: key.replaceAll('\n', '\r\n'),
      }),
    ],
    [
      'with a key in the form of SEC 1',
      ({ key }) => ({
        key: createPrivateKey(key).export({ type: 'sec1', format: 'pem' }) as string,
      }),
    ],
  ])('%s', (_name, change) => {
    expect(judge(change)).toBe(new X509Certificate(pair.cert).fingerprint256);
  });

  test('whose key is of RSA', async () => {
    expect(judgePair(await bringRsaPair(['hub.example']), Date.now())).toHaveProperty('certificate');
  });
});

describe('a pair is refused', () => {
  test.each<[string, (own: TestPair) => Partial<Pair>, keyof Pair, RegExp]>([
    ['with an empty certificate', () => ({ cert: '' }), 'cert', /^holds no PEM certificate$/],
    ['with a key for a certificate', ({ key }) => ({ cert: key }), 'cert', /^holds no PEM certificate$/],
    ['with half a certificate', ({ cert }) => ({ cert: cert.slice(0, 300) }), 'cert', /^holds no PEM cert/],
    ['with a damaged one', ({ cert }) => ({ cert: cert.replace(/MII/, 'MIA') }), 'cert', /that is damaged$/],
    [
      'with a chain that is damaged',
      ({ cert, ca }) => ({ cert: leaf(cert) + '\n' + ca.replace('MII', 'MIA') }),
      'cert',
      /that is damaged$/,
    ],
    ['with an empty key', () => ({ key: '' }), 'key', /^holds no PEM private key$/],
    ['with a certificate for a key', ({ cert }) => ({ key: cert }), 'key', /^holds no PEM private key$/],
    ['with half a key', ({ key }) => ({ key: key.slice(0, 80) }), 'key', /^holds a key that is damaged$/],
    [
      'with an encrypted key',
      ({ key }) => ({ key: encrypted(key) }),
      'key',
      /^holds a key that needs a passphrase$/,
    ],
    ['with the key to another', () => ({ key: other.key }), 'key', /^is not the key to the certificate$/],
    [
      'with the chain before the certificate',
      ({ cert, ca }) => ({ cert: `${ca}\n${cert}` }),
      'key',
      /^is not the key to the certificate$/,
    ],
  ])('%s', (_name, change, of, problem) => {
    expect(judge(change)).toEqual({
      of,
      problem: expect.stringMatching(problem),
      remedy: expect.stringMatching(/./),
    });
  });

  test('when it has ended, and before it begins', () => {
    const ended = NOW + 397 * DAY;
    expect(judge(() => ({}), ended - 1)).toBeTypeOf('string');
    expect(judge(() => ({}), ended)).toMatchObject({ of: 'cert', problem: 'ended on 2028-02-16 08:00 UTC' });
    expect(judge(() => ({}), NOW - DAY)).toBeTypeOf('string');
    expect(judge(() => ({}), NOW - DAY - 1)).toMatchObject({
      of: 'cert',
      problem: 'is not valid before 2027-01-14 08:00 UTC',
    });
  });

  test('where OpenSSL would not present it', async () => {
    expect(judgePair(await bringRsaPair(['hub.example'], 1_024), Date.now())).toMatchObject({
      fault: { of: 'cert', problem: expect.stringMatching(/^cannot be used \(.*key too small\)$/) },
    });
  });
});

function encrypted(key: string): string {
  const protection = { cipher: 'aes-256-cbc', passphrase: 'secret' };
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', ...protection }) as string;
}
