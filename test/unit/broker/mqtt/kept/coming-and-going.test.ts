import { expect, test, vi } from 'vitest';
import { limitsSchema } from '#broker/config/limits.ts';
import { Turns } from '#broker/links/rates/turns.ts';
import { JournalWriter } from '#broker/mqtt/kept/journal-writer.ts';
import { Message } from '#broker/mqtt/message.ts';
import { Router } from '#broker/mqtt/router.ts';
import type { KeptSession } from '#broker/mqtt/session/kept-session.ts';
import { KeptSessions } from '#broker/mqtt/session/kept-sessions.ts';
import type { Receiver } from '#broker/mqtt/session/session.ts';
import { TestLog } from '../../../../support/hub.ts';
import { HeldStore, turn } from './held-store.ts';

/** A connection that counts the packets that it is sent. */
class Counting implements Receiver {
  readonly open = true;
  readonly congested = false;
  packets = 0;
  mayReceive = (): boolean => true;
  send = (): void => void (this.packets += 1);
  whenCalm = (): void => undefined;
  fallBehind = (): void => undefined;
}

test('nothing gathers of a client that comes and goes while the disk is slow, and only the last connection is sent anything', async () => {
  const onceStored = vi.spyOn(JournalWriter.prototype, 'onceStored');
  const [store, router] = [new HeldStore(), new Router()];
  const limits = limitsSchema.parse({});
  const turns = new Turns();
  const kept = new KeptSessions({ limits, router, turns, store, log: new TestLog(), now: () => 1 });
  const session = kept.open('c', { name: '@service', createdAt: 1 }) as KeptSession;
  session.subscribe('a', 2);
  for (const text of ['1', '2', '3']) {
    router.publish(new Message({ topic: 'a', payload: Buffer.from(text), qos: 2, retain: false }));
  }
  const connections = Array.from({ length: 100 }, () => new Counting());
  for (const connection of connections) {
    session.expect(connection);
    session.resume(connection);
    await turn();
    session.leave(connection);
  }
  const last = new Counting();
  session.expect(last);
  session.resume(last);
  // One for each batch: that which is on its way, and the next.
  expect(onceStored.mock.calls.length).toBeLessThanOrEqual(2);
  for (await turn(); store.asked.length > 0; await turn()) await store.commit();
  expect(connections.map(({ packets }) => packets)).toEqual(connections.map(() => 0));
  expect(last.packets).toBe(3);
  onceStored.mockRestore();
  await store.disk.close();
});

test('a client that says again and again that it has a message is let go of it once, when the disk has it', async () => {
  const [store, router] = [new HeldStore(), new Router()];
  const limits = limitsSchema.parse({});
  const kept = new KeptSessions({
    limits,
    router,
    turns: new Turns(),
    store,
    log: new TestLog(),
    now: () => 1,
  });
  const session = kept.open('c', { name: '@service', createdAt: 1 }) as KeptSession;
  const connection = new Counting();
  session.expect(connection);
  session.resume(connection);
  for (let times = 0; times < 1_000; times += 1) session.answered(connection, 'pubrec', 7);
  expect(connection.packets).toBe(0);
  for (await turn(); store.asked.length > 0; await turn()) await store.commit();
  expect(connection.packets).toBe(1);
  // Lost on its way, say.
  session.answered(connection, 'pubrec', 7);
  for (await turn(); store.asked.length > 0; await turn()) await store.commit();
  expect(connection.packets).toBe(2);
  await store.disk.close();
});
