import { once } from 'node:events';
import { connect } from 'node:net';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { desc, STATUS, status, tele, TYPE, upTopic } from '../../firmware-protocol/index.ts';
import { FanIn, type Publisher } from '../load/fan-in.ts';
import { clientFrame } from '../load/frames.ts';
import { RawLink } from '../load/raw-link.ts';

/** A process that loads hubs, one at a time, as the bench says. */

export type WorkloadName = 'fan-in' | 'fleet of services' | 'fleet of devices';

/** A hub, and who may publish there. */
export interface Target {
  /** Of its plain listener. */
  readonly port: number;
  readonly service: { readonly username: string; readonly password: string };
  /** Secrets by id. */
  readonly devices: readonly (readonly [id: string, secret: string])[];
}

export type Order =
  | { readonly do: 'open'; readonly at: string; readonly workload: WorkloadName; readonly target: Target }
  | { readonly do: 'run'; readonly at: string; readonly messages: number }
  | { readonly do: 'close'; readonly at: string };

export type Report = { readonly ok: true } | { readonly ok: false; readonly why: string };

const TENANT = 'home';
const [PUBLISHERS, PIPELINED, FLEET] = [50, 20, 1_000];
const PAYLOAD = Buffer.alloc(64, 'x');
/** Links that are opened at once. */
const AT_ONCE = 50;

type Who = Pick<IConnectPacket, 'clientId' | 'username'> & { readonly password: string };

async function open(port: number, { clientId, username, password }: Who): Promise<RawLink> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return RawLink.open(socket, `127.0.0.1:${port}`, {
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 },
    ...{ clientId, username: username as string, password: Buffer.from(password) },
  });
}

async function openAll<T>(count: number, one: (at: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  while (all.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - all.length) }, (_, at) =>
      one(all.length + at),
    );
    all.push(...(await Promise.all(next)));
  }
  return all;
}

const publish = (topic: string, payload: Uint8Array): Buffer =>
  clientFrame(
    generate({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false }),
  );

async function subscriber({ port, service }: Target, topic: string): Promise<RawLink> {
  const link = await open(port, { ...service, clientId: 'subscriber' });
  await link.ask(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] }));
  return link;
}

async function services(target: Target, count: number, batch: number): Promise<FanIn> {
  const publishers = await openAll(count, async (at): Promise<Publisher> => {
    const link = await open(target.port, { ...target.service, clientId: `publisher-${at}` });
    const frames = Buffer.concat(Array(batch).fill(publish(`plant/line/${at}/temperature`, PAYLOAD)));
    return { link, next: () => frames };
  });
  const window = Math.max(count, 2 * batch * count);
  return new FanIn({
    publishers,
    batch,
    window,
    subscriber: await subscriber(target, 'plant/line/+/temperature'),
  });
}

/** A thermometer that has said what it is, and goes on with readings. */
async function thermometer(port: number, id: string, secret: string): Promise<Publisher> {
  const link = await open(port, { clientId: id, username: `${TENANT}/${id}`, password: secret });
  const boot = 1;
  let seq = 0;
  const props = [{ pid: 1, key: 'temperature', type: TYPE.int, unit: 'Cel', scale: -2 }];
  const description = desc.encode({ proto: [1, 0], model: 'Thermometer', fw: '1', props });
  link.write(publish(upTopic(TENANT, id, 'status'), status.encode({ boot, sess: 1, st: STATUS.online })));
  link.write(publish(upTopic(TENANT, id, 'desc'), description));
  const topic = upTopic(TENANT, id, 'tele');
  return {
    link,
    next: () => {
      seq += 1;
      return publish(topic, tele.encode({ boot, seq, t: 0, vals: new Map([[1, 2_000 + (seq % 100)]]) }));
    },
  };
}

async function devices(target: Target): Promise<FanIn> {
  const publishers = await openAll(target.devices.length, (at) => {
    const [id, secret] = target.devices[at] as readonly [string, string];
    return thermometer(target.port, id, secret);
  });
  const all = await subscriber(target, upTopic(TENANT, '+', 'tele'));
  return new FanIn({ publishers, batch: 1, window: publishers.length, subscriber: all });
}

const WORKLOADS: Readonly<Record<WorkloadName, (target: Target) => Promise<FanIn>>> = {
  'fan-in': (target) => services(target, PUBLISHERS, PIPELINED),
  'fleet of services': (target) => services(target, FLEET, 1),
  'fleet of devices': devices,
};

const running = new Map<string, FanIn>();

async function carryOut(order: Order): Promise<void> {
  switch (order.do) {
    case 'open':
      running.set(order.at, await WORKLOADS[order.workload](order.target));
      break;
    case 'run':
      await running.get(order.at)?.run(order.messages);
      break;
    case 'close':
      running.get(order.at)?.close();
      running.delete(order.at);
      break;
  }
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    () => process.send?.({ ok: true } satisfies Report),
    (error: unknown) => process.send?.({ ok: false, why: String(error) } satisfies Report),
  );
});
