import { describe, expect, test } from 'vitest';
import { deservesStrictTransport, isPublicName } from '#broker/http/strict-transport.ts';

describe('a public name', () => {
  test.each([
    ['hub.example.com', true],
    ['example.com', true],
    ['hub.example.co.uk', true],
    ['xn--kche-0ra.example.com', true],
    ['example.xn--p1ai', true],
    ['local.example.com', true],
    ['a-b.example.technology', true],
    ['localhost', false],
    ['hub', false],
    ['com', false],
    ['', false],
    ['hub.localhost', false],
    ['hub.local', false],
    ['hub.lan', false],
    ['hub.home', false],
    ['hub.internal', false],
    ['hub.home.arpa', false],
    ['1.0.0.10.in-addr.arpa', false],
    ['hub.test', false],
    ['hub.invalid', false],
    ['hub.example', false],
    ['hub.corp', false],
    ['hub.intranet', false],
    ['hub.onion', false],
    ['192.168.1.10', false],
    ['[::1]', false],
    ['[2001:db8::1]', false],
    ['hub.example.com.', false],
    ['.example.com', false],
    ['hub..com', false],
    ['hub.c', false],
    ['hub.c0m', false],
  ])('%j: %s', (name, expected) => expect(isPublicName(name)).toBe(expected));
});

describe('a browser is told to use https only', () => {
  const ours = new Set(['hub.example.com', 'localhost', 'hub.lan', 'xn--kche-0ra.example.com']);
  const told = (host: string | undefined, secure = true): boolean =>
    deservesStrictTransport({ host, secure }, (name) => ours.has(name));

  test.each([
    ['hub.example.com'],
    ['hub.example.com:8443'],
    ['hub.example.com:443'],
    ['HUB.example.COM:8443'],
    ['xn--kche-0ra.example.com'],
  ])('of %s', (host) => expect(told(host)).toBe(true));

  test.each([
    ['a name that is not ours', 'other.example.com'],
    ['a name below ours', 'a.hub.example.com'],
    ['this machine', 'localhost:8443'],
    ['a private name', 'hub.lan:8443'],
    ['an address', '192.168.1.10:8443'],
    ['an IPv6 address', '[::1]:8443'],
    ['a dot at the end', 'hub.example.com.'],
    ['no host', undefined],
    ['an empty host', ''],
    ['a path', 'hub.example.com/x'],
    ['a user', 'me@hub.example.com'],
    ['a port that is none', 'hub.example.com:port'],
    ['what is no host', 'hub example com'],
    ['another script, which no browser sends', 'küche.example.com'],
  ])('not of %s', (_name, host) => expect(told(host)).toBe(false));

  test('not of what came in the clear', () => expect(told('hub.example.com', false)).toBe(false));
});
