import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { limitsSchema } from '#broker/config/limits.ts';
import { Admission } from '#broker/links/admission.ts';
import { clientOf } from '#broker/links/client-address.ts';
import { ENDS } from '#broker/links/ends.ts';
import { openDoor } from '../../../support/door.ts';

let server: Server;
let admission: Admission;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  admission = new Admission({
    ...openDoor().admitting,
    bounds: limitsSchema.parse({}),
    silence: 20,
    originAllowed: () => true,
    clientOf: clientOf([]),
    onLink: () => undefined,
    onFailure: (error) => expect.unreachable(String(error)),
  });
  admission.attach(server);
});

afterEach(async () => {
  await admission.close();
  server.close();
});

async function open(autoPong: boolean): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, ['mqtt'], { autoPong });
  await once(socket, 'open');
  return socket;
}

test('a silent link is pinged, and stays while it answers', async () => {
  const socket = await open(true);
  for (let pings = 0; pings < 5; pings += 1) await once(socket, 'ping');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(admission.count).toBe(1);
});

test('a silent link that does not answer its ping is ended', async () => {
  const socket = await open(false);
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect({ code, reason: reason.toString() }).toEqual({
    code: ENDS['ping-timeout'],
    reason: 'no answer to a ping',
  });
});
