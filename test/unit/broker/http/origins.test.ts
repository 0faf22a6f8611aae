import { describe, expect, test } from 'vitest';
import { hostPolicy, originPolicy, toldOrigin } from '#broker/http/origins.ts';

const names = ['localhost', '127.0.0.1', '::1', 'hub.local', 'Hub.Example', '192.168.1.20', 'fd00::0:20'];
const policy = originPolicy(names, { https: 8443, http: 8080 }, ['https://panel.example']);

describe('allowed', () => {
  test.each([
    'https://localhost:8443',
    'https://127.0.0.1:8443',
    'https://[::1]:8443',
    'https://hub.local:8443',
    'https://hub.example:8443',
    'https://192.168.1.20:8443',
    'https://[fd00::20]:8443',
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'https://panel.example',
  ])('%s', (origin) => expect(policy(origin)).toBe(true));
});

describe('not allowed', () => {
  test.each([
    ['an opaque origin', 'null'],
    ['nothing', ''],
    ['another host', 'https://evil.example:8443'],
    ['a host that begins alike', 'https://hub.local.evil.example:8443'],
    ['a host that ends alike', 'https://evil-hub.local:8443'],
    ['another port', 'https://hub.local:8444'],
    ['no port', 'https://hub.local'],
    ['the other listener’s port', 'https://hub.local:8080'],
    ['plain http from elsewhere than this machine', 'http://hub.local:8080'],
    ['plain http on the secure port', 'http://localhost:8443'],
    ['another scheme', 'wss://hub.local:8443'],
    ['capitals, which no browser sends', 'https://HUB.local:8443'],
    ['a slash at the end', 'https://hub.local:8443/'],
    ['a path', 'https://hub.local:8443/mqtt'],
    ['a user', 'https://me@hub.local:8443'],
    ['our name as the user of another', 'https://hub.local:8443@evil.example'],
    ['a dot at the end', 'https://hub.local.:8443'],
    ['IPv6 without brackets', 'https://::1:8443'],
    ['IPv6 written at length', 'https://[0:0:0:0:0:0:0:1]:8443'],
    ['another port of what is configured', 'https://panel.example:8443'],
    ['two in one', 'https://hub.local:8443 https://evil.example'],
    ['a name that every object has', 'constructor'],
  ])('%s: %j', (_name, origin) => expect(policy(origin)).toBe(false));
});

test('ports that a scheme has anyway are not in its origins', () => {
  const standard = originPolicy(['hub.local'], { https: 443, http: 80 }, []);
  expect(standard('https://hub.local')).toBe(true);
  expect(standard('https://hub.local:443')).toBe(false);
  expect(standard('http://localhost')).toBe(true);
  expect(standard('http://localhost:80')).toBe(false);
});

describe('hosts that are the hub’s', () => {
  const isOwn = hostPolicy(names, ['https://panel.example', 'https://proxy.example:444']);
  test.each([
    ['localhost', true],
    ['hub.local', true],
    ['hub.example', true],
    ['192.168.1.20', true],
    ['[fd00::20]', true],
    ['panel.example', true],
    ['proxy.example', true],
    ['evil.example', false],
    ['hub.local:8443', false],
    ['', false],
  ])('%j: %s', (host, expected) => expect(isOwn(host)).toBe(expected));
});

test.each([
  [names, 8443, 'https://localhost:8443'],
  [['hub.example', 'more.example'], 443, 'https://hub.example'],
  [['hub.example'], 8443, 'https://hub.example:8443'],
  [['fd00::20'], 8443, 'https://[fd00::20]:8443'],
  [[], 8443, 'https://localhost:8443'],
])('people are told of a hub called %j at %i: %s', (of, port, told) =>
  expect(toldOrigin(of, port)).toBe(told),
);
