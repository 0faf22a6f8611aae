import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { ReceivedIds } from '#broker/mqtt/session/received-ids.ts';
import { PacketClient } from './packet-client.ts';
import { SessionBroker } from './session-broker.ts';

const CLIENTS = 100;

/** The latest may still be in use by a socket that is being taken apart. */
const FEW = 5;

/** How many clients something is remembered of: what each of them has, with a session or without. */
const remembered = (): number => queryObjects(ReceivedIds, { format: 'count' });

/** Publishes and is sent something at QoS 1 and 2, one of which it leaves half done, and goes. */
async function comeAndGo(broker: SessionBroker, clientId: string, clean: boolean): Promise<void> {
  const client = await PacketClient.connect(broker.url, clientId, { clean });
  await client.subscribe(2, clientId);
  const message = { topic: clientId, payload: 'x', retain: false, dup: false } as const;
  client.send(
    { cmd: 'publish', ...message, qos: 1, messageId: 1 },
    { cmd: 'publish', ...message, qos: 2, messageId: 2 },
  );
  await client.until(() => (client.messages.length === 2 ? true : undefined));
  client.acknowledges = false;
  client.send({ cmd: 'publish', ...message, qos: 2, messageId: 3 });
  await client.until((packets) => packets.find(({ cmd, messageId }) => cmd === 'pubrec' && messageId === 3));
  await client.cut();
}

test('of clean clients nothing is left when they have gone, nor of stored sessions that ended', async () => {
  const broker = await SessionBroker.start({ sessions: CLIENTS, sessionsPerService: CLIENTS });
  for (let at = 0; at < CLIENTS; at += 1) {
    await comeAndGo(broker, `clean${at}`, true);
    await comeAndGo(broker, `stored${at}`, false);
  }
  await broker.noticed();
  expect(Math.abs(remembered() - CLIENTS)).toBeLessThan(FEW);
  broker.look();
  expect(remembered()).toBeLessThan(FEW);
  await broker.close();
});
