import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address as a socket for both families shows it (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/i;

/** An address as people write it: IPv4 where it is one, and without the zone that says on which interface it is. */
export function plainAddress(address: string): string {
  const bare = address.split('%', 1)[0] as string;
  const v4 = MAPPED.exec(bare)?.groups?.['v4'];
  return v4 !== undefined && isIPv4(v4) ? v4 : bare;
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');

/** What is wrong with the name of a network, such as "10.0.0.0/8" or "192.168.1.7"; undefined where it is right. */
export function networkFault(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) {
    return 'must be an IP address or a network such as "10.0.0.0/8"';
  }
  if (prefix === undefined) return undefined;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return `must have a prefix from /1 to /${bits}`;
  return Number(prefix) === 0 ? 'is everybody, of whom some are not to be trusted' : undefined;
}

/** Whether addresses are within some networks. @param networks as `networkFault` finds them right */
export function within(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    if (prefix === undefined) list.addAddress(plainAddress(address), family(plainAddress(address)));
    else list.addSubnet(address, Number(prefix), family(address));
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) > 0 && list.check(plain, family(plain));
  };
}

/** Whether an address is of this machine alone. */
export const isLoopback = within(['127.0.0.0/8', '::1']);

/** The network of an address, for what is counted by it: one household has 2⁶⁴ addresses of IPv6 (RFC 6177). */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
