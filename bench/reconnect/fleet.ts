import { createSecureContext } from 'node:tls';
import { DeviceLink, type Attempts } from './device-link.ts';

/** A process with the links of a fleet, which connect, are cut, and connect again as the bench says. */

export type Order =
  | {
      readonly do: 'connect';
      readonly port: number;
      readonly ca: string;
      /** Secrets by id. */
      readonly devices: readonly (readonly [id: string, secret: string])[];
    }
  | { readonly do: 'reconnect'; readonly resume: boolean };

export interface Report {
  /** From the cut until the last CONNACK, in ms. */
  readonly ms: number;
  /** Links that are up. */
  readonly up: number;
  /** Of those, how many went on with the TLS session of before. */
  readonly resumed: number;
  /** Attempts that were answered with 503. */
  readonly busy: number;
  /** How many attempts ended otherwise, by why. */
  readonly broken: Readonly<Record<string, number>>;
}

/** Links that are opened at once where there is no hurry. */
const AT_ONCE = 100;

let links: DeviceLink[] = [];

function countOf(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function reportOf(attempts: readonly Attempts[], startedAt: number): Report {
  return {
    ms: performance.now() - startedAt,
    up: attempts.length,
    resumed: attempts.filter(({ resumed }) => resumed).length,
    busy: attempts.reduce((total, { busy }) => total + busy, 0),
    broken: countOf(attempts.flatMap(({ broken }) => broken)),
  };
}

async function connectInTurn(): Promise<Attempts[]> {
  const attempts: Attempts[] = [];
  for (let at = 0; at < links.length; at += AT_ONCE) {
    attempts.push(...(await Promise.all(links.slice(at, at + AT_ONCE).map((link) => link.connect(false)))));
  }
  return attempts;
}

async function carryOut(order: Order): Promise<Report> {
  const startedAt = performance.now();
  if (order.do === 'connect') {
    const place = { port: order.port, trust: createSecureContext({ ca: order.ca }) };
    links = order.devices.map(([id, secret]) => new DeviceLink(place, id, secret));
    return reportOf(await connectInTurn(), startedAt);
  }
  for (const link of links) link.cut();
  return reportOf(await Promise.all(links.map((link) => link.connect(order.resume))), startedAt);
}

process.on('message', (order: Order) => void carryOut(order).then((report) => process.send?.(report)));
