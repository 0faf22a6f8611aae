import type { Client, PublishPacket } from 'aedes';
import { expect, test } from 'vitest';
import type { Service } from '#broker/auth/principal.ts';
import { Connections } from '#broker/mqtt/connections.ts';
import { Publishing } from '#broker/mqtt/publishing.ts';
import { Router } from '#broker/mqtt/router.ts';
import { Session } from '#broker/mqtt/session/session.ts';
import { Turns } from '#broker/links/rates/turns.ts';
import { TestLog } from '../../../support/hub.ts';

const SERVICE: Service = {
  kind: 'service',
  id: 'plant',
  createdAt: 1,
  tenant: 'home',
  role: null,
  generation: 1,
  publish: ['#'],
  subscribe: ['#'],
};

test('[MQTT-4.3.3-2] a message of QoS 2 that failed has its effect when it comes again, and then no more', () => {
  const connections = new Connections();
  const client = {} as Client;
  const connection = connections.open(client, {} as never);
  connections.admit(connection, SERVICE);
  const bounds = { messages: 9, bytes: 999, inFlight: 9, inFlightBytes: 999 };
  connection.session = new Session({ router: new Router(), turns: new Turns(), bounds });
  let [fails, delivered] = [true, 0];
  const publishing = new Publishing({
    connections,
    deliver: () => {
      if (fails) throw new Error('no');
      delivered += 1;
    },
    incomingInflight: 9,
    log: new TestLog(),
    now: () => 1,
  } as never);
  const packet = { topic: 'a', payload: Buffer.from('x'), qos: 2, messageId: 7 } as unknown as PublishPacket;

  expect(() => publishing.take(client, packet)).toThrow('no');
  fails = false;
  expect(publishing.take(client, packet)).toBeNull();
  expect(publishing.take(client, packet)).toBeNull();
  expect(delivered).toBe(1);
  connection.session.received.release(7);
  expect(publishing.take(client, packet)).toBeNull();
  expect(delivered).toBe(2);
});
