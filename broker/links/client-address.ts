import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { networkOf, plainAddress, within } from '../config/network.ts';

/** Who made a request, and how it came. */
export interface Client {
  /** An IP address, or "unknown" where the connection is gone already. */
  readonly address: string;
  /** Whether it came by TLS; behind proxies, whether they say so. */
  readonly secure: boolean;
  /** The host that the client asked for, with the port if there was one, as it stands in the request. */
  readonly host: string | undefined;
}

export type ClientOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => Client;

/** The address at the other end of a connection. */
export const peerAddress = ({ remoteAddress }: { readonly remoteAddress?: string | undefined }): string =>
  plainAddress(remoteAddress ?? 'unknown');

/** Several of one header are one list (RFC 9110 §5.3). */
const listed = (header: string | readonly string[] | undefined): string[] =>
  (typeof header === 'string' ? header : (header ?? []).join(','))
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/**
 * Tells who made a request. A proxy is believed about whom it speaks for only where it connects from an address that
 * is trusted: anybody else can write such headers too.
 * @param trustProxy addresses and networks, such as "10.0.0.0/8"
 */
export function clientOf(trustProxy: readonly string[]): ClientOf {
  const trusted = within(trustProxy);
  return ({ socket, headers }) => {
    const peer = peerAddress(socket);
    const encrypted = (socket as Partial<TLSSocket>).encrypted === true;
    if (!trusted(peer)) return { address: peer, secure: encrypted, host: headers.host };
    const schemes = listed(headers['x-forwarded-proto']);
    const [host = headers.host, ...others] = listed(headers['x-forwarded-host']);
    return {
      address: original(peer, listed(headers['x-forwarded-for']), trusted),
      // A chain of proxies is as safe as its weakest part.
      secure: schemes.length > 0 ? schemes.every((scheme) => scheme.toLowerCase() === 'https') : encrypted,
      host: others.length === 0 ? host : headers.host,
    };
  };
}

/** By what the connections of an address are counted: its network, or nothing where it is a proxy that speaks for many. */
export type CountedBy = (address: string) => string | undefined;

/** @param trustProxy addresses and networks, such as "10.0.0.0/8" */
export function countedBy(trustProxy: readonly string[]): CountedBy {
  const trusted = within(trustProxy);
  return (address) => (trusted(address) ? undefined : networkOf(plainAddress(address)));
}

/**
 * The nearest address that is not trusted: each proxy adds, at the end, from whom it has a request, and whoever wrote
 * what stands before that need not be honest. What is no address ends the search with the proxy that passed it on.
 */
function original(peer: string, forwarded: readonly string[], trusted: (address: string) => boolean): string {
  let nearest = peer;
  for (const hop of forwarded.toReversed()) {
    if (!trusted(nearest) || isIP(plainAddress(hop)) === 0) break;
    nearest = plainAddress(hop);
  }
  return nearest;
}
