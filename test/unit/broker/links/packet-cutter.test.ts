import packet from 'mqtt-packet';
import { expect, test } from 'vitest';
import { PacketCutter } from '#broker/links/packet-cutter.ts';

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

const cut = (...pieces: Uint8Array[]): string[] => {
  const cutter = new PacketCutter();
  return pieces.flatMap((piece) => cutter.push(piece)).map((each) => Buffer.from(each).toString('hex'));
};
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

test('an unfinished packet waits for its rest, wherever it is cut', () => {
  const packets = [ping, publish(300), ping];
  const bytes = Buffer.concat(packets);
  for (let length = 0; length <= bytes.length; length += 1) {
    expect(cut(bytes.subarray(0, length), bytes.subarray(length))).toEqual(hex(...packets));
  }
  expect(cut(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(hex(...packets));
});
