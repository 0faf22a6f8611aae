import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { isCertified, namesFaults, namesOf } from '#broker/tls/names.ts';
import { bringPair } from '../../../support/certificates.ts';

let certificate: X509Certificate;
let wildcard: X509Certificate;
beforeAll(async () => {
  const names = [
    'Hub.Example',
    '*.lan.example',
    '10.0.0.1',
    'fd00::20',
    'a, DNS:evil.example',
    'küche.example',
  ];
  certificate = new X509Certificate((await bringPair(names)).cert);
  wildcard = new X509Certificate((await bringPair(['*.lan.example'])).cert);
});

describe('the names of a hub that is given a certificate', () => {
  test('are those in it that are one host, and those of the settings', () => {
    expect(namesOf(certificate, ['panel.lan.example', 'hub.example'])).toEqual([
      'hub.example',
      '10.0.0.1',
      'fd00:0:0:0:0:0:0:20',
      'panel.lan.example',
    ]);
  });

  test('are those of the settings alone where the certificate has wildcards only', () => {
    expect(namesOf(wildcard, ['hub.lan.example'])).toEqual(['hub.lan.example']);
    expect(namesOf(wildcard, [])).toEqual([]);
  });
});

test.each([
  ['hub.example', true],
  ['HUB.example', true],
  ['panel.lan.example', true],
  ['deep.panel.lan.example', false],
  ['lan.example', false],
  ['10.0.0.1', true],
  ['fd00::20', true],
  ['10.0.0.2', false],
  ['evil.example', false],
])('the certificate is good for %s: %s', (name, expected) =>
  expect(isCertified(certificate, name)).toBe(expected),
);

describe('what is wrong with the names', () => {
  test('nothing, where all are in the certificate', () => {
    expect(namesFaults(certificate, ['hub.example', 'panel.lan.example', '10.0.0.1'])).toEqual([]);
  });

  test('each that the certificate is not good for', () => {
    expect(namesFaults(certificate, ['hub.example', 'elsewhere.example'])).toEqual([
      expect.stringContaining('not good for elsewhere.example'),
    ]);
  });

  test('that there is none to reach the hub by', () => {
    expect(namesFaults(wildcard, [])).toEqual([expect.stringContaining('add the hub\'s own to "names"')]);
  });
});
