import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { clientOf, type Client } from '#broker/links/client-address.ts';

const PROXY = '10.0.0.1';
const identify = clientOf([PROXY, '10.1.0.0/16', 'fd00::/16']);

/** Whom a request is of that comes from `peer`, in the clear unless it is encrypted. */
function ask(peer: string | undefined, headers: IncomingMessage['headers'], encrypted = false): Client {
  const socket = { remoteAddress: peer, encrypted } as unknown as IncomingMessage['socket'];
  return identify({ socket, headers });
}

const address = (peer: string, forwarded: string): string =>
  ask(peer, { 'x-forwarded-for': forwarded }).address;

describe('the address', () => {
  test.each([
    ['is that of a proxy that says nothing', PROXY, '', PROXY],
    ['is what a proxy says', PROXY, '203.0.113.5', '203.0.113.5'],
    ['is what an IPv6 proxy says', 'fd00::7', '2001:db8::1', '2001:db8::1'],
    [
      'is what a proxy says whose address is written as IPv6',
      `::ffff:${PROXY}`,
      '203.0.113.5',
      '203.0.113.5',
    ],
    ['is written as IPv4', PROXY, '::ffff:203.0.113.5', '203.0.113.5'],
    ['is the nearest that is not trusted', PROXY, '198.51.100.1, 203.0.113.5', '203.0.113.5'],
    ['is what a chain of proxies says', PROXY, '203.0.113.5, 10.1.2.3', '203.0.113.5'],
    ['is the farthest proxy where all are trusted', PROXY, '10.1.2.3, 10.1.2.4', '10.1.2.3'],
    ['is not what a client wrote before the proxy', PROXY, '127.0.0.1, 203.0.113.5', '203.0.113.5'],
    ['is not a proxy’s that a client wrote', PROXY, '198.51.100.1, 10.1.2.3, 203.0.113.5', '203.0.113.5'],
    ['is the proxy’s where it says no address', PROXY, 'unknown', PROXY],
    ['is not beyond what is no address', PROXY, '203.0.113.5, unknown, 10.1.2.3', '10.1.2.3'],
    ['is the proxy’s where it says an address with a port', PROXY, '203.0.113.5:4711', PROXY],
    ['needs no spaces, and bears empty parts', PROXY, ',,203.0.113.5 ,,10.1.2.3,', '203.0.113.5'],
    ['is the peer’s own where it is not trusted', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['is the peer’s own where it is a neighbour of one that is', '10.0.0.2', '198.51.100.1', '10.0.0.2'],
  ])('%s', (_name, peer, forwarded, expected) => expect(address(peer, forwarded)).toBe(expected));

  test('is "unknown" where the connection is gone', () => {
    expect(ask(undefined, { 'x-forwarded-for': '203.0.113.5' }).address).toBe('unknown');
  });

  test('is of nobody else while no proxy is trusted', () => {
    const socket = { remoteAddress: '127.0.0.1' } as IncomingMessage['socket'];
    const headers = { 'x-forwarded-for': '203.0.113.5', 'x-forwarded-proto': 'https', host: 'h' };
    expect(clientOf([])({ socket, headers })).toEqual({ address: '127.0.0.1', secure: false, host: 'h' });
  });
});

describe('a request is secure', () => {
  test.each([
    ['over TLS', '203.0.113.9', undefined, true, true],
    ['not in the clear', '203.0.113.9', undefined, false, false],
    ['not by what anybody says', '203.0.113.9', 'https', false, false],
    ['by what a proxy says', PROXY, 'https', false, true],
    ['by what a proxy says in capitals', PROXY, 'HTTPS', false, true],
    ['not when a proxy says http', PROXY, 'http', false, false],
    ['not when a proxy that encrypts says http', PROXY, 'http', true, false],
    ['not when one of several says http', PROXY, 'https, http', false, false],
    ['when all say https', PROXY, 'https,https', false, true],
    ['not by an odd word', PROXY, 'on', false, false],
    ['as the connection is where a proxy says nothing', PROXY, undefined, true, true],
    ['not where a proxy in the clear says nothing', PROXY, undefined, false, false],
  ])('%s', (_name, peer, proto, encrypted, expected) => {
    const headers = proto === undefined ? {} : { 'x-forwarded-proto': proto };
    expect(ask(peer, headers, encrypted).secure).toBe(expected);
  });
});

describe('the host', () => {
  test.each([
    ['is that of the request', '203.0.113.9', undefined, 'hub.example'],
    ['is not what anybody says', '203.0.113.9', 'evil.example', 'hub.example'],
    ['is what a proxy says', PROXY, 'public.example', 'public.example'],
    ['is that of the request where proxies say several', PROXY, 'a.example, b.example', 'hub.example'],
  ])('%s', (_name, peer, forwarded, expected) => {
    const headers = { host: 'hub.example', ...(forwarded && { 'x-forwarded-host': forwarded }) };
    expect(ask(peer, headers).host).toBe(expected);
  });

  test('may be none', () => expect(ask('203.0.113.9', {}).host).toBeUndefined());
});
