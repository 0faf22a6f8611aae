import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Link, type Outgoing } from '#device-sim/link.ts';
import { NO_TRUST, ScriptedServer, WILL } from './scripted-server.ts';

let server: ScriptedServer;
let now: number;
let link: Link;
let heard: string[];
let refusals: (number | string | undefined)[];
let up: Promise<void>;
let failed: Promise<Error>;
let ended: Promise<readonly Outgoing[]>;

beforeEach(async () => {
  server = await ScriptedServer.start();
  now = 1_000;
  [heard, refusals] = [[], []];
  const whenUp = Promise.withResolvers<void>();
  const whenFailed = Promise.withResolvers<Error>();
  const whenEnded = Promise.withResolvers<readonly Outgoing[]>();
  [up, failed, ended] = [whenUp.promise, whenFailed.promise, whenEnded.promise];
  link = new Link(
    {
      url: server.url,
      trust: NO_TRUST,
      session: undefined,
      clientId: 'lamp',
      username: 'home/lamp',
      password: 'secret',
      will: WILL,
      now: () => now,
    },
    {
      up: whenUp.resolve,
      message: (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString('hex')}`),
      resumable: () => undefined,
      failed: (error) => {
        refusals.push(error.code);
        whenFailed.resolve(error);
      },
      ended: whenEnded.resolve,
    },
  );
});
afterEach(() => {
  link.cut();
  server.close();
});

const message = (n: number): Outgoing => ({
  topic: 'up',
  payload: Uint8Array.of(n),
  qos: 1,
  retain: false,
});

async function accepted() {
  const peer = await server.peer();
  await peer.packet('connect');
  peer.accept();
  await up;
  return peer;
}

describe('a link', () => {
  it('connects with credentials, a clean session and the will [MQTT-3.1.2-4, 3.1.2-8]', async () => {
    const connect = await (await server.peer()).packet('connect');
    expect(connect).toMatchObject({
      clean: true,
      clientId: 'lamp',
      username: 'home/lamp',
      protocolVersion: 4,
    });
    expect(connect.password?.toString()).toBe('secret');
    expect(connect.will).toMatchObject({ topic: 'will', qos: 1, retain: true });
  });

  it('acknowledges a message after it was handed on, however it is cut into frames', async () => {
    const peer = await accepted();
    peer.sayByteByByte({
      cmd: 'publish',
      topic: 'dn',
      payload: Buffer.of(7),
      qos: 1,
      messageId: 9,
      retain: false,
      dup: false,
    });
    expect((await peer.packet('puback')).messageId).toBe(9);
    expect(heard).toEqual(['dn 07']);
  });

  it('hands back what was not acknowledged, in order', async () => {
    const peer = await accepted();
    for (const n of [1, 2, 3]) link.publish(message(n));
    peer.acknowledge((await peer.packet('publish', 2)).messageId as number);
    peer.say({ cmd: 'publish', topic: 'dn', payload: '', qos: 1, messageId: 1, retain: false, dup: false });
    await peer.packet('puback');
    peer.cut();
    expect((await ended).map(({ payload }) => payload[0])).toEqual([1, 3]);
  });

  it('gives each message a packet id that is not in use', async () => {
    const peer = await accepted();
    for (let n = 0; n < 300; n++) link.publish(message(n % 256));
    await peer.packet('publish', 300);
    const ids = peer.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.messageId] : []));
    expect(new Set(ids).size).toBe(300);
  });

  it('says good-bye once all is acknowledged', async () => {
    const peer = await accepted();
    link.publish(message(1));
    link.end();
    peer.acknowledge((await peer.packet('publish')).messageId as number);
    await peer.packet('disconnect');
    expect(await ended).toEqual([]);
    expect(refusals).toEqual([]);
  });

  it('pings when it was quiet, and gives up without an answer', async () => {
    const peer = await accepted();
    expect(link.dueAt).toBe(now + 25_000);
    now = link.dueAt;
    link.tick(now);
    await peer.packet('pingreq');
    peer.say({ cmd: 'pingresp' });
    peer.say({ cmd: 'publish', topic: 'dn', payload: '', qos: 1, messageId: 1, retain: false, dup: false });
    await peer.packet('puback');
    expect(link.dueAt).toBe(now + 25_000);

    now = link.dueAt;
    link.tick(now);
    expect(link.dueAt).toBe(now + 10_000);
    now = link.dueAt;
    link.tick(now);
    expect((await failed).message).toBe('no answer to a ping');
    await ended;
  });

  it('gives up on a hub that never answers CONNECT', async () => {
    await (await server.peer()).packet('connect');
    now = link.dueAt;
    expect(now).toBe(31_000);
    link.tick(now);
    expect((await failed).message).toBe('connack timeout');
    await ended;
    expect(refusals).toHaveLength(1);
  });

  it.each([1, 4, 5])('tells of a refusal with return code %d', async (returnCode) => {
    const peer = await server.peer();
    await peer.packet('connect');
    peer.say({ cmd: 'connack', returnCode, sessionPresent: false });
    await failed;
    expect(refusals).toEqual([returnCode]);
    await ended;
  });

  it('tells of a subscription that was refused', async () => {
    const peer = await accepted();
    link.subscribe('dn/#');
    const { messageId } = await peer.packet('subscribe');
    peer.say({ cmd: 'suback', messageId: messageId as number, granted: [128] });
    expect((await failed).message).toContain('subscription');
  });
});
