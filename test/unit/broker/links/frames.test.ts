import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { framesOf } from '#broker/links/frames.ts';

/** What a WebSocket client makes of bytes that a server writes. */
async function messagesOf(bytes: Buffer, count: number): Promise<Buffer[]> {
  const server = createServer().listen(0, '127.0.0.1');
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, transport, head) =>
    webSockets.handleUpgrade(request, transport, head, () => transport.write(bytes)),
  );
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const messages: Buffer[] = [];
  client.on('message', (message: Buffer, isBinary: boolean) => {
    expect(isBinary).toBe(true);
    messages.push(message);
    if (messages.length === count) client.terminate();
  });
  await once(client, 'close');
  server.close();
  return messages;
}

test('each packet is a binary message of its own, of every width of length', async () => {
  const packets = [1, 125, 126, 65_535, 65_536, 2].map((length, at) => Buffer.alloc(length, at));
  expect(await messagesOf(framesOf(packets), packets.length)).toEqual(packets);
});
