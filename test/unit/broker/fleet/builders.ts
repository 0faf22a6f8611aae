import {
  ack,
  COMMAND,
  desc,
  FLAG,
  rqCmd,
  TYPE,
  type Ack,
  type CommandRequest,
  type Value,
  type Values,
} from '#firmware-protocol';
import type { Command } from '#broker/fleet/commands/command.ts';
import type { Asker } from '#broker/fleet/commands/life.ts';
import { Descriptions, type KnownDescription } from '#broker/fleet/devices/description.ts';
import type { DeviceRecord } from '#broker/store/registry.ts';

/** The hub's time at which tests begin, in Unix ms. */
export const START = 1_800_000_000_000;

export const values = (entries: Record<number, Value>): Values =>
  new Map(Object.entries(entries).map(([pid, value]) => [Number(pid), value]));

/** Eight bytes that differ in the last. */
export const id8 = (last: number): Uint8Array => new Uint8Array([0, 0, 0, 0, 0, 0, 0, last]);
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** Bytes that are equal when they hold the same, whether they are a Buffer or not. */
export const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** A lamp: 1 is on/off by `cmd`, 2 its level by `cmd`, 3 its start level by `desired`, 4 a reading; actions 9 and 10. */
export const lampPayload = (fw = '1'): Uint8Array =>
  desc.encode({
    proto: [1, 0],
    model: 'lamp',
    fw,
    props: [
      { pid: 1, key: 'on', type: TYPE.bool, flags: FLAG.writable, label: 'Light' },
      { pid: 2, key: 'level', type: TYPE.int, flags: FLAG.writable, min: 0, max: 100 },
      { pid: 3, key: 'start', type: TYPE.int, flags: FLAG.writable | FLAG.persistent, min: 0, max: 100 },
      { pid: 4, key: 'power', type: TYPE.float, flags: FLAG.sampled },
    ],
    acts: [
      { pid: 9, key: 'blink', params: [{ pid: 0, key: 'times', type: TYPE.int, min: 1, max: 5 }] },
      {
        pid: 10,
        key: 'show',
        params: [0, 1, 2, 3].map((pid) => ({ pid, key: `line${pid}`, type: TYPE.text })),
      },
    ],
  });

/** A lamp of the same model that cannot be dimmed. */
export const plainLampPayload: Uint8Array = desc.encode({
  proto: [1, 0],
  model: 'lamp',
  fw: '2',
  props: [{ pid: 1, key: 'on', type: TYPE.bool, flags: FLAG.writable, label: 'Light' }],
});

export const lamp = (fw?: string): KnownDescription => new Descriptions().learn(lampPayload(fw));

export const device = (id: string, fields: Partial<DeviceRecord> = {}): DeviceRecord => ({
  id,
  name: `${id} by name`,
  place: 'hall',
  tags: [],
  createdAt: START,
  ...fields,
});

/** What a request has otherwise; `undefined` leaves it out. */
export type RequestFields = { readonly [K in keyof CommandRequest]?: CommandRequest[K] | undefined };

export const requestOn = (last = 1, fields: RequestFields = {}): CommandRequest =>
  ({ id: id8(last), vals: values({ 1: true }), ttl: 10_000, ...fields }) as CommandRequest;

export const requestPayload = (last = 1, fields: RequestFields = {}): Uint8Array =>
  rqCmd.encode(requestOn(last, fields));

export const ackOf = (last: number, st: number, fields: Partial<Ack> = {}): Ack => ({
  boot: 7,
  seq: 1,
  t: 0,
  id: id8(last),
  st,
  ...fields,
});

export const ackPayload = (last: number, st: number, fields: Partial<Ack> = {}): Uint8Array =>
  ack.encode(ackOf(last, st, fields));

/** Somebody who asks over a link, and from where. */
export const from = (who: string): { who: string; address: string } => ({ who, address: '192.0.2.7' });

/** Who asks for what is called by its last byte. */
export const asker = (last = 1): Asker => ({ device: 'lamp', id: id8(last), who: '@ada' });

/** A command that was sent to boot 7 at `START`, and expires 10 s later. */
export const sentCommand = (fields: Partial<Command> = {}): Command => ({
  kind: 'command',
  device: 'lamp',
  id: hex(id8(1)),
  who: '@ada',
  request: requestOn(),
  st: COMMAND.sent,
  t: START,
  createdAt: START,
  exp: START + 10_000,
  boot: 7,
  sentAt: START,
  steps: [
    { st: COMMAND.created, t: START },
    { st: fields.st ?? COMMAND.sent, t: START },
  ],
  ...fields,
});
