import { describe, expect, test } from 'vitest';
import { isLoopback, networkFault, networkOf, plainAddress, within } from '#broker/config/network.ts';

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.999', '::ffff:10.0.0.999'],
  ['fe80::1%eth0', 'fe80::1'],
  ['fd00::1', 'fd00::1'],
  ['unknown', 'unknown'],
])('the address %s is written as %s', (given, plain) => expect(plainAddress(given)).toBe(plain));

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::1', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['unknown', 'unknown'],
])('the address %s is counted with the network %s', (address, network) =>
  expect(networkOf(address)).toBe(network),
);

describe('networks', () => {
  test.each(['127.0.0.1', '10.0.0.0/8', '192.168.1.7/32', '::1', 'fd00::/8', '::1/128', '0.0.0.0/1'])(
    '%s is one',
    (network) => expect(networkFault(network)).toBeUndefined(),
  );

  test.each([
    ['', 'must be an IP address'],
    ['proxy.lan', 'must be an IP address'],
    ['10.0.0', 'must be an IP address'],
    ['10.0.0.0/8/9', 'must be an IP address'],
    ['fe80::1%eth0', 'must be an IP address'],
    ['10.0.0.0/33', 'must have a prefix from /1 to /32'],
    ['10.0.0.0/', 'must have a prefix'],
    ['10.0.0.0/-1', 'must have a prefix'],
    ['10.0.0.0/255.0.0.0', 'must have a prefix'],
    ['fd00::/129', 'must have a prefix from /1 to /128'],
    ['0.0.0.0/0', 'is everybody'],
    ['::/0', 'is everybody'],
  ])('%j is none: %s', (network, fault) => expect(networkFault(network)).toContain(fault));

  const inside = within(['192.168.1.7', '10.0.0.0/8', 'fd00::/16', '2001:db8::5']);
  test.each([
    ['192.168.1.7', true],
    ['192.168.1.8', false],
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['::ffff:10.0.0.1', true],
    ['::ffff:11.0.0.1', false],
    ['::ffff:0a00:0001', true],
    ['fd00:1::1', true],
    ['fd01::1', false],
    ['2001:db8::5', true],
    ['2001:0db8:0::5', true],
    ['2001:db8::6', false],
    ['10.0.0.1, 11.0.0.1', false],
    ['unknown', false],
    ['', false],
  ])('%j is within some: %s', (address, expected) => expect(inside(address)).toBe(expected));

  test('a network in the IPv4-mapped form holds IPv4 addresses', () => {
    expect(within(['::ffff:10.0.0.1'])('10.0.0.1')).toBe(true);
    expect(within(['::ffff:10.0.0.0/104'])('10.9.9.9')).toBe(true);
  });

  test('without networks nobody is within them', () => expect(within([])('127.0.0.1')).toBe(false));

  test.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['unknown', false],
  ])('%s is of this machine alone: %s', (address, expected) => expect(isLoopback(address)).toBe(expected));
});
