import { setup, RawClient, mqttPacket, sleep } from './zz-measure.ts';
import { WebSocket } from 'ws';
const { hub, cred, measure } = await setup();
void hub.exited.then((c) => console.log('HUB ENDED', c, hub.output.slice(-1500)));
const what = process.argv[2];
try {
  await sleep(500);
  await measure();
  const c = await RawClient.connect(hub as any, { ...cred, clientId: 'a', clean: true });
  const w = await RawClient.connect(hub as any, { ...cred, clientId: 'w', clean: true });
  const many = (n: number, p: Buffer) => Buffer.concat(Array(n).fill(p));
  await measure();
  if (what === 'pings') {
    for (let k = 0; k < 10; k++) c.send(many(65000, Buffer.from([0xc0, 0])));
  }
  if (what === 'puback') {
    for (let k = 0; k < 10; k++) c.send(many(32000, Buffer.from([0x40, 2, 0, 1])));
  }
  if (what === 'pubrel') {
    for (let k = 0; k < 10; k++) c.send(many(32000, Buffer.from([0x62, 2, 0, 1])));
  }
  if (what === 'pubrec') {
    for (let k = 0; k < 10; k++) c.send(many(32000, Buffer.from([0x50, 2, 0, 1])));
  }
  if (what === 'pub0') {
    for (let k = 0; k < 10; k++)
      c.send(
        many(
          20000,
          mqttPacket.generate({ cmd: 'publish', topic: 'a', payload: '', qos: 0, dup: false, retain: false }),
        ),
      );
  }
  if (what === 'pub1') {
    for (let k = 0; k < 10; k++)
      c.send(
        many(
          16000,
          mqttPacket.generate({
            cmd: 'publish',
            topic: 'a',
            payload: '',
            qos: 1,
            messageId: 1,
            dup: false,
            retain: false,
          }),
        ),
      );
  }
  if (what === 'pub2') {
    for (let k = 0; k < 10; k++)
      c.send(
        Buffer.concat(
          Array.from({ length: 16000 }, (_, i) =>
            mqttPacket.generate({
              cmd: 'publish',
              topic: 'a',
              payload: '',
              qos: 2,
              messageId: 1 + i + k * 6000,
              dup: false,
              retain: false,
            }),
          ),
        ),
      );
  }
  if (what === 'sub') {
    for (let k = 0; k < 10; k++)
      c.send(
        Buffer.concat(
          Array.from({ length: 60 }, (_, i) =>
            mqttPacket.generate({
              cmd: 'subscribe',
              messageId: 1 + i,
              subscriptions: Array.from({ length: 400 }, (_, j) => ({ topic: `${j}`, qos: 1 as const })),
            }),
          ),
        ),
      );
  }
  if (what === 'unsub') {
    for (let k = 0; k < 10; k++)
      c.send(
        Buffer.concat(
          Array.from({ length: 60 }, (_, i) =>
            mqttPacket.generate({
              cmd: 'unsubscribe',
              messageId: 1 + i,
              unsubscriptions: Array.from({ length: 400 }, (_, j) => `${j}`),
            }),
          ),
        ),
      );
  }
  if (what === 'selfpub') {
    c.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 2 }] });
    for (let k = 0; k < 10; k++)
      c.send(
        many(
          16000,
          mqttPacket.generate({
            cmd: 'publish',
            topic: 'a',
            payload: '',
            qos: 1,
            messageId: 1,
            dup: false,
            retain: false,
          }),
        ),
      );
  }
  await Promise.race([c.settled(), c.closed, sleep(30000)]).catch((e) => console.log(String(e)));
  await w.settled();
  console.log(what, c.socket.readyState, await measure(), 'packets back', c.packets.length);
} finally {
  await hub.kill();
  hub.remove();
}
