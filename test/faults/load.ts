import { randomBytes } from 'node:crypto';
import { rqCancel, rqCmd, rqDesired, type RequestChannel, type Value } from '#firmware-protocol';
import { kindFor } from '#device-sim/kinds/index.ts';
import type { Rng } from '#device-sim/rng.ts';
import type { Simulated } from '../support/simulator.ts';

/** Something that an operator asks for. */
export interface Order {
  readonly device: string;
  readonly channel: RequestChannel;
  readonly id: Uint8Array;
  readonly payload: Uint8Array;
}

const pick = <T>(rng: Rng, items: readonly T[]): T => items[Math.floor(rng.next() * items.length)] as T;

function pidOf(kind: string, key: string): number {
  const property = kindFor(kind, 0)?.description.props.find((candidate) => candidate.key === key);
  if (property === undefined) throw new Error(`a ${kind} has no ${key}`);
  return property.pid;
}

/** What each kind is told to be, by the key of a property of its own. */
const WRITES: Readonly<Record<string, (rng: Rng) => readonly [key: string, value: Value]>> = {
  lamp: (rng) =>
    rng.chance(0.5) ? ['on', rng.chance(0.5)] : ['brightness', 1 + Math.floor(rng.between(0, 100))],
  plug: (rng) => ['on', rng.chance(0.5)],
  blind: (rng) => ['position', Math.floor(rng.between(0, 101))],
  thermostat: (rng) => ['setpoint', 50 + 5 * Math.floor(rng.between(0, 50))],
};

/** Kinds whose properties are persistent: they are wished for. */
const WISHED = new Set(['thermostat']);

/** A fresh order for a device: a wish where its kind has it, else a command, which now and then may wait. */
export function orderFor({ id: device, kind }: Simulated, rng: Rng): Order {
  const write = WRITES[kind];
  if (write === undefined) throw new Error(`there is no load for a ${kind}`);
  const [key, value] = write(rng);
  const vals = new Map([[pidOf(kind, key), value]]);
  const id = new Uint8Array(randomBytes(8));
  if (WISHED.has(kind)) return { device, channel: 'desired', id, payload: rqDesired.encode({ id, vals }) };
  const wait = rng.chance(0.3);
  const ttl = Math.floor(wait ? rng.between(1_000, 8_000) : rng.between(500, 4_000));
  return { device, channel: 'cmd', id, payload: rqCmd.encode({ id, vals, ttl, ...(wait && { wait }) }) };
}

/** Now and then somebody asks again, or thinks better of it. */
export function second(order: Order, rng: Rng): Order | undefined {
  if (order.channel !== 'cmd') return rng.chance(0.05) ? order : undefined;
  const { device, id } = order;
  return pick(rng, [
    ...Array<undefined>(16).fill(undefined),
    order,
    { device, channel: 'cancel' as const, id, payload: rqCancel.encode({ id }) },
  ]);
}
