import {
  ack,
  blkreq,
  cmd,
  ctl,
  desc,
  desired,
  event,
  state,
  status,
  tele,
  type Ack,
  type Command,
  type Desired,
  type MessageType,
  type Value,
} from '#firmware-protocol';
import type { Deed } from '#device-sim/deed.ts';
import { Device, type Effect, type Tallied } from '#device-sim/device.ts';
import { kindFor, type AnyKind } from '#device-sim/kinds/index.ts';

/** Hub time at the bench's `now` of 0, in Unix ms. */
export const HUB_EPOCH = 1_800_000_000_000;

const MESSAGES = { ack, blk: blkreq, desc, event, state, status, tele };

/** What a device sent, decoded. */
export type Said =
  | ({ channel: 'ack' } & Ack)
  | ({ channel: 'state' } & MessageType<typeof state>)
  | ({ channel: 'status' } & MessageType<typeof status>)
  | ({ channel: 'tele' } & MessageType<typeof tele>)
  | ({ channel: 'desc' } & MessageType<typeof desc>);

let ids = 0;

export function commandId(): Uint8Array {
  const id = new Uint8Array(8);
  new DataView(id.buffer).setUint32(4, ++ids);
  return id;
}

/** A device on a bench: the test is its clock and its hub. */
export class Bench {
  readonly kind: AnyKind;
  readonly device: Device;
  readonly tally: Record<Tallied, number> = { done: 0, failed: 0, rejected: 0, undecodable: 0 };
  /** What the device really did so far. */
  readonly deeds: Deed[] = [];
  now = 0;

  constructor(kind: string, { id = 'bench', seed = 1, intervalMs = 1_000 } = {}) {
    this.kind = kindFor(kind, 0) as AnyKind;
    this.device = new Device({ id, kind: this.kind, seed, boot: 1, intervalMs, now: 0 });
  }

  /** Connects, and tells the time as a hub does. */
  static online(kind: string, options: { id?: string; seed?: number; intervalMs?: number } = {}): Bench {
    const bench = new Bench(kind, options);
    bench.connect();
    bench.tellTime();
    return bench;
  }

  connect(): Said[] {
    this.device.connecting();
    return this.heard(this.device.connected(this.now));
  }

  tellTime(op?: number): Said[] {
    const message = { t: HUB_EPOCH + this.now, ...(op !== undefined && { op }) };
    return this.heard(this.device.received('ctl', ctl.encode(message), this.now));
  }

  command(fields: Partial<Command>): Said[] {
    const message = { id: commandId(), exp: HUB_EPOCH + this.now + 10_000, ...fields };
    return this.heard(this.device.received('cmd', cmd.encode(message), this.now));
  }

  write(values: Record<number, Value>, fields: Partial<Command> = {}): Said[] {
    const vals = new Map(Object.entries(values).map(([pid, value]) => [Number(pid), value]));
    return this.command({ vals, ...fields });
  }

  desire(document: Desired): Said[] {
    return this.heard(this.device.received('desired', desired.encode(document), this.now));
  }

  /** Lets time pass, waking the device when it asks to be woken and not before. */
  pass(ms: number): Said[] {
    const until = this.now + ms;
    const said: Said[] = [];
    while (this.device.wakeAt <= until) {
      this.now = Math.max(this.now, this.device.wakeAt);
      said.push(...this.heard(this.device.advance(this.now)));
    }
    this.now = until;
    return said;
  }

  heard(effects: readonly Effect[]): Said[] {
    const said: Said[] = [];
    for (const effect of effects) {
      if (effect.do === 'count') this.tally[effect.what] += 1;
      else if (effect.do === 'record') this.deeds.push(effect.deed);
      else {
        const message = MESSAGES[effect.channel].decode(effect.payload);
        said.push({ channel: effect.channel, ...message } as Said);
      }
    }
    return said;
  }
}

export const acks = (said: readonly Said[]): Ack[] => said.filter((message) => message.channel === 'ack');

export const lastState = (said: readonly Said[]): MessageType<typeof state> | undefined =>
  said.findLast((message) => message.channel === 'state');
