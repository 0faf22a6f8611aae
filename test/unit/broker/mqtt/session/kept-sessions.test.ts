import { afterEach, describe, expect, test } from 'vitest';
import { PacketClient } from './packet-client.ts';
import { SessionBroker } from './session-broker.ts';

let broker: SessionBroker;
const start = async (...args: Parameters<typeof SessionBroker.start>): Promise<void> => {
  broker = await SessionBroker.start(...args);
};
afterEach(() => broker.close());

const connect = (clientId: string, options: Parameters<typeof PacketClient.open>[2] = {}) =>
  PacketClient.connect(broker.url, clientId, options);

const present = async (client: PacketClient): Promise<boolean> => (await client.connack()).sessionPresent;

/** A client that has subscribed and gone, of which a session stays. */
async function leaves(clientId: string, qos: 0 | 1 | 2, ...filters: string[]): Promise<void> {
  const client = await connect(clientId);
  await client.subscribe(qos, ...filters);
  await client.disconnect();
  await broker.noticed();
}

/** What happens when the service "@service" is removed. */
const forget = (): void => broker.look('@other');

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name}${at}`);

describe('what a session keeps', () => {
  test('messages of QoS 1 and 2 for a client that is away, in order; none of QoS 0', async () => {
    await start();
    await leaves('c', 2, 'a/#');
    for (let at = 0; at < 300; at += 1) {
      await broker.publish(`a/${at % 7}`, `${at}`, { qos: (at % 3) as 0 | 1 | 2 });
    }
    const client = await connect('c');
    await broker.publish('a/end', 'end');
    await client.untilText('end');
    const wanted = Array.from({ length: 300 }, (_, at) => at).filter((at) => at % 3 > 0);
    expect(client.messages.map(({ payload, qos }) => [String(payload), qos])).toEqual([
      ...wanted.map((at) => [`${at}`, at % 3]),
      ['end', 1],
    ]);
    expect(client.messages.every(({ dup, retain }) => !dup && !retain)).toBe(true);
  });

  test('each message at the QoS that was granted, the highest where several filters match, and once', async () => {
    await start();
    const client = await connect('c');
    await client.subscribe(0, 'a/x');
    await client.subscribe(1, 'a/#');
    await client.subscribe(0, 'b');
    await client.disconnect();
    await broker.noticed();
    await broker.publish('a/x', '1', { qos: 2 });
    await broker.publish('b', 'lost', { qos: 2 });
    const again = await connect('c');
    await broker.publish('a/x', '2', { qos: 2 });
    await broker.publish('b', '3', { qos: 2 });
    await again.untilText('3');
    expect(again.messages.map(({ payload, qos }) => [String(payload), qos])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 0],
    ]);
  });

  test('a message that was sent and not acknowledged, which comes again as a duplicate, first', async () => {
    await start();
    const client = await connect('c', { acknowledges: false });
    await client.subscribe(2, 'a');
    await broker.publish('a', '1', { qos: 1 });
    await broker.publish('a', '2', { qos: 2 });
    await client.untilText('2');
    await client.cut();
    await broker.noticed();
    await broker.publish('a', '3', { qos: 1 });
    const again = await connect('c', { acknowledges: false });
    await again.untilText('3');
    expect(again.messages.map(({ messageId, payload, dup }) => [messageId, String(payload), dup])).toEqual([
      [client.messages[0]?.messageId, '1', true],
      [client.messages[1]?.messageId, '2', true],
      [expect.any(Number), '3', false],
    ]);
  });

  test('where each QoS 2 message is in its handshake', async () => {
    await start();
    const client = await connect('c', { acknowledges: false });
    await client.subscribe(2, 'a');
    await broker.publish('a', '1', { qos: 2 });
    await client.untilText('1');
    const { messageId } = client.messages[0] as { messageId: number };
    client.send({ cmd: 'pubrec', messageId });
    const pubrel = (packets: readonly { cmd: string }[]) => packets.find(({ cmd }) => cmd === 'pubrel');
    expect(await client.until(pubrel)).toMatchObject({ messageId });
    await client.cut();
    await broker.noticed();

    const again = await connect('c', { acknowledges: false });
    expect(await again.until(pubrel)).toMatchObject({ messageId });
    again.send({ cmd: 'pubcomp', messageId });
    await broker.publish('a', '2', { qos: 2 });
    await again.untilText('2');
    await again.cut();
    await broker.noticed();

    const third = await connect('c');
    await third.untilText('2');
    expect(third.texts).toEqual(['2']);
    expect(third.packets.some(({ cmd, messageId: id }) => cmd === 'pubrel' && id === messageId)).toBe(false);
  });

  test('which QoS 2 messages came from its client: each is published once, whatever breaks', async () => {
    await start();
    const watcher = await connect('watcher');
    await watcher.subscribe(2, 'a');
    const publish = { cmd: 'publish', topic: 'a', payload: '1', qos: 2, retain: false } as const;
    const pubrec = (client: PacketClient) =>
      client.until((packets) => packets.find(({ cmd }) => cmd === 'pubrec'));

    const client = await connect('c', { acknowledges: false });
    client.send({ ...publish, dup: false, messageId: 7 }, { ...publish, dup: true, messageId: 7 });
    await pubrec(client);
    await client.cut();
    await broker.noticed();
    const again = await connect('c', { acknowledges: false });
    again.send({ ...publish, dup: true, messageId: 7 });
    await pubrec(again);
    again.send({ cmd: 'pubrel', messageId: 7 });
    await again.until((packets) => packets.find(({ cmd }) => cmd === 'pubcomp'));
    // Released, the identifier stands for another message.
    again.send({ ...publish, payload: '2', dup: false, messageId: 7 });
    await watcher.untilText('2');
    expect(watcher.texts).toEqual(['1', '2']);
  });

  test('what it unsubscribed from no more, also where it changes its mind within one write', async () => {
    await start();
    const client = await connect('c');
    await client.subscribe(1, 'a', 'b');
    client.send(
      { cmd: 'unsubscribe', messageId: 101, unsubscriptions: ['a'] },
      { cmd: 'subscribe', messageId: 102, subscriptions: [{ topic: 'c', qos: 1 }] },
      { cmd: 'unsubscribe', messageId: 103, unsubscriptions: ['c'] },
      { cmd: 'unsubscribe', messageId: 104, unsubscriptions: ['b'] },
      { cmd: 'subscribe', messageId: 105, subscriptions: [{ topic: 'b', qos: 1 }] },
    );
    await client.until((packets) =>
      packets.find(({ cmd, messageId }) => cmd === 'suback' && messageId === 105),
    );
    await client.disconnect();
    await broker.noticed();
    for (const topic of ['a', 'b', 'c', 'b']) await broker.publish(topic, topic);
    const again = await connect('c');
    await again.until(() => (again.messages.length === 2 ? true : undefined));
    expect(again.texts).toEqual(['b', 'b']);
  });
});

describe('a CONNACK says that a session is present', () => {
  test('where there is one, also without subscriptions [MQTT-3.2.2-2]', async () => {
    await start();
    const first = await connect('c');
    expect(await present(first)).toBe(false);
    await first.disconnect();
    const second = await connect('c');
    expect(await present(second)).toBe(true);
    expect(await present(await connect('other'))).toBe(false);
  });

  test('unless it asked for a clean one, which ends what was stored', async () => {
    await start();
    await leaves('c', 1, 'a');
    await broker.publish('a', 'waits');
    const clean = await connect('c', { clean: true });
    expect(await present(clean)).toBe(false);
    await clean.disconnect();
    const client = await connect('c');
    expect(await present(client)).toBe(false);
    await client.subscribe(1, 'b');
    for (const topic of ['a', 'b']) await broker.publish(topic, topic);
    await client.untilText('b');
    expect(client.texts).toEqual(['b']);
  });
});

describe('what is not allowed', () => {
  test('does not come back with the session: a filter that was refused', async () => {
    await start();
    broker.grants = ['ok', 'fine'];
    const client = await connect('c');
    expect(await client.subscribe(1, 'ok', 'secret/#', 'fine')).toEqual([1, 128, 1]);
    await client.disconnect();
    // Even where everything else would let it through.
    broker.grants = ['#'];
    for (const topic of ['secret/a', 'ok', 'fine']) await broker.publish(topic, topic);
    const again = await connect('c');
    await broker.publish('secret/a', 'secret');
    await broker.publish('ok', 'end');
    await again.untilText('end');
    expect(again.texts).toEqual(['ok', 'fine', 'end']);
  });

  test('any more is not sent: neither what waits nor what comes, and the filter is gone for good', async () => {
    await start();
    await leaves('c', 1, 'secret/#', 'secret/a', 'ok');
    for (const topic of ['secret/a', 'ok', 'secret/b']) await broker.publish(topic, topic);
    broker.grants = ['ok'];
    const client = await connect('c');
    await client.untilText('ok');
    broker.grants = ['#'];
    await broker.publish('secret/a', 'later');
    await broker.publish('ok', 'end');
    await client.untilText('end');
    expect(client.texts).toEqual(['ok', 'end']);
    await broker.log.line(/@service may no longer subscribe to "secret\/#"/);
  });

  test('any more is let go at once where somebody says so, whether its client is there or away', async () => {
    await start();
    await leaves('away', 1, 'a', 'b');
    const there = await connect('there');
    await there.subscribe(1, 'a', 'b');
    for (const topic of ['a', 'b']) await broker.publish(topic, `${topic}1`);
    await there.untilText('b1');
    broker.grants = ['b'];
    broker.look('@service');
    broker.grants = ['#'];
    for (const topic of ['a', 'b']) await broker.publish(topic, `${topic}2`);
    await there.untilText('b2');
    const away = await connect('away');
    await away.untilText('b2');
    expect(there.texts).toEqual(['a1', 'b1', 'b2']);
    expect(away.texts).toEqual(['b1', 'b2']);
  });
});

describe('a session ends', () => {
  test('with its service', async () => {
    await start();
    await leaves('c', 1, 'a');
    await leaves('d', 1, 'a');
    const other = await connect('o', { username: '@other' });
    await other.disconnect();
    await broker.publish('a', 'waits');
    forget();
    expect(await present(await connect('c'))).toBe(false);
    expect(await present(await connect('d'))).toBe(false);
    expect(await present(await connect('o', { username: '@other' }))).toBe(true);
  });

  test('with its service also where nobody noticed, and another has its name', async () => {
    await start();
    await leaves('c', 1, 'a');
    await broker.publish('a', 'waits');
    broker.createdAt = 2;
    const client = await connect('c');
    expect(await present(client)).toBe(false);
    await client.subscribe(1, 'b');
    for (const topic of ['a', 'b']) await broker.publish(topic, topic);
    await client.untilText('b');
    expect(client.texts).toEqual(['b']);
  });

  test('unless its client was let in since its service was looked up', async () => {
    await start();
    await leaves('away', 1, 'a');
    await leaves('back', 1, 'a');
    const look = broker.lookLater();
    const client = await connect('back');
    look();
    await broker.publish('a', 'on');
    await client.untilText('on');
    expect(await present(await connect('away'))).toBe(false);
  });

  test('under a client that is there, which gets no more', async () => {
    await start();
    const client = await connect('c');
    await client.subscribe(1, 'a');
    forget();
    await broker.publish('a', 'no');
    const other = await connect('d');
    await other.subscribe(1, 'a');
    await broker.publish('a', 'end');
    await other.untilText('end');
    await client.disconnect();
    expect(client.texts).toEqual([]);
    expect(await present(await connect('c'))).toBe(false);
  });

  test('while its client connects: that one is ended, and finds none', async () => {
    await start();
    await leaves('c', 1, 'a');
    const before = broker.log.lines.length;
    const unlucky = PacketClient.open(broker.url, 'c');
    const connected = (line: string, at: number): boolean => at >= before && / connected from/.test(line);
    while (!broker.log.lines.some(connected)) await broker.log.line(/./, broker.log.lines.length + 1);
    forget();
    await unlucky.end();
    expect(await present(await connect('c'))).toBe(false);
  });

  test('when its client has been away for as long as it is kept', async () => {
    await start({ sessionDays: 2 });
    await leaves('c', 1, 'a');
    await leaves('d', 1, 'a');
    broker.elapsed = 2 * 86_400_000 - 1;
    const client = await connect('c');
    expect(await present(client)).toBe(true);
    broker.elapsed += 1;
    await broker.log.line(/the session "@service\/d" of @service ended: its client was away for 2 days/);
    await client.disconnect();
    expect(await present(await connect('c'))).toBe(true);
    expect(await present(await connect('d'))).toBe(false);
  });
});

describe('there are no more than may be', () => {
  test('sessions of one service: the one that is away the longest ends; nobody who is there', async () => {
    await start({ sessionsPerService: 3 });
    const there = await connect('there');
    for (const id of ['old', 'young']) {
      broker.elapsed += 1;
      await leaves(id, 1, 'a');
    }
    broker.elapsed += 1;
    const other = await connect('other', { username: '@other' });
    await connect('new');
    await broker.log.line(/the session "@service\/old" of @service, the longest away, ended to make room/);
    await connect('newer');
    await broker.log.line(/the session "@service\/young" of @service, the longest away, ended/);
    expect([there.closed, other.closed]).toEqual([false, false]);
    const refused = PacketClient.open(broker.url, 'newest');
    expect(await refused.connack()).toMatchObject({ returnCode: 3, sessionPresent: false });
    expect(await present(await connect('there'))).toBe(true);
  });

  test('sessions in all', async () => {
    await start({ sessions: 2 });
    await leaves('old', 1, 'a');
    await connect('there', { username: '@other' });
    await connect('new', { username: '@third' });
    await broker.log.line(/the session "@service\/old" of @service, the longest away/);
    const refused = PacketClient.open(broker.url, 'newest');
    expect(await refused.connack()).toMatchObject({ returnCode: 3 });
  });

  test('messages: the oldest go, which the log says at once and, with their number, at the return', async () => {
    await start({ sessionMessages: 50 });
    await leaves('c', 1, 'a');
    for (const text of numbered('', 80)) await broker.publish('a', text);
    expect(broker.log.lines.filter((line) => line.includes('is full'))).toHaveLength(1);
    const client = await connect('c');
    await client.untilText('79');
    expect(client.texts).toEqual(numbered('', 80).slice(30));
    await broker.log.line(/"@service\/c" of @service goes on, and lacks 30 messages/);
  });

  test('filters, of which one that is there already may be asked for again', async () => {
    await start();
    const client = await connect('c');
    const thousand = numbered('f/', 1_000);
    expect(new Set(await client.subscribe(1, ...thousand))).toEqual(new Set([1]));
    expect(await client.subscribe(1, 'more', 'f/3')).toEqual([128, 1]);
    await client.unsubscribe('f/7');
    expect(await client.subscribe(1, 'another', 'more')).toEqual([1, 128]);
  });
});
