import packet from 'mqtt-packet';
import { expect, test } from 'vitest';
import { packetsOf } from '#broker/links/packets-of.ts';

const publish = (bytes: number): Buffer =>
  packet.generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(bytes, 0xff),
    qos: 0,
    retain: false,
    dup: false,
  });
const ping = packet.generate({ cmd: 'pingresp' });

const cut = (bytes: Uint8Array): string[] =>
  packetsOf(bytes).map((each) => Buffer.from(each).toString('hex'));
const hex = (...packets: Buffer[]): string[] => packets.map((each) => each.toString('hex'));

test.each([
  ['none', []],
  ['one', [ping]],
  [
    'several, of every width of length',
    [publish(1), ping, publish(124), publish(125), publish(16_380), publish(20_000), ping],
  ],
])('packets are cut where they end: %s', (_name, packets) => {
  expect(cut(Buffer.concat(packets))).toEqual(hex(...packets));
});

test('nothing of an incomplete packet is lost', () => {
  const bytes = Buffer.concat([ping, publish(300)]);
  for (let length = 0; length < bytes.length; length += 1) {
    expect(cut(bytes.subarray(0, length)).join('')).toBe(bytes.subarray(0, length).toString('hex'));
  }
});
