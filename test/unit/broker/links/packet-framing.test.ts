import { describe, expect, test } from 'vitest';
import { PacketFraming } from '#broker/links/packet-framing.ts';
import { seededRandom } from '../seeded-random.ts';

const LARGEST = 1_000;
const OK = { ok: true };
const MALFORMED = { ok: false, reason: 'a malformed packet length' };

const bytes = (...each: number[]): Uint8Array => new Uint8Array(each);
const tooLong = (total: number) => ({
  ok: false,
  reason: `a packet of ${total} bytes; at most ${LARGEST} are accepted`,
});

/** A PUBLISH whose body is this long, all 0xff: taken for a header, it would be malformed. */
function packet(body: number): Uint8Array {
  const header = [0x30];
  let rest = body;
  do {
    header.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  const whole = new Uint8Array(header.length + body).fill(0xff);
  whole.set(header);
  return whole;
}

const join = (...packets: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(packets));

/** What follows packets shows whether their ends were found: this one is too long wherever it begins in step. */
const GIANT = bytes(0x30, 0xff, 0xff, 0xff, 0x7f);
const GIANT_TOTAL = 268_435_455 + 5;

describe('packets are followed however they are cut', () => {
  const stream = join(packet(0), packet(1), packet(127), packet(128), packet(997), packet(2));

  test('whole', () => {
    const framing = new PacketFraming(LARGEST);
    expect(framing.push(stream)).toEqual(OK);
    expect(framing.push(GIANT)).toEqual(tooLong(GIANT_TOTAL));
  });

  test('byte by byte', () => {
    const framing = new PacketFraming(LARGEST);
    for (const byte of stream) expect(framing.push(bytes(byte))).toEqual(OK);
    const verdicts = [...GIANT].map((byte) => framing.push(bytes(byte)));
    expect(verdicts).toEqual([OK, OK, OK, OK, tooLong(GIANT_TOTAL)]);
  });

  test('in two, at every place', () => {
    for (let at = 0; at <= stream.length; at += 1) {
      const framing = new PacketFraming(LARGEST);
      expect(framing.push(stream.subarray(0, at))).toEqual(OK);
      expect(framing.push(stream.subarray(at))).toEqual(OK);
      expect(framing.push(GIANT)).toEqual(tooLong(GIANT_TOTAL));
    }
  });

  test('in pieces of random length, several packets in one', () => {
    const random = seededRandom(1);
    const framing = new PacketFraming(LARGEST);
    let rest = join(...Array.from({ length: 300 }, () => packet(Math.floor(random() * 998))));
    while (rest.length > 0) {
      const length = Math.ceil(random() * 3_000);
      expect(framing.push(rest.subarray(0, length))).toEqual(OK);
      rest = rest.subarray(length);
    }
    expect(framing.push(GIANT)).toEqual(tooLong(GIANT_TOTAL));
  });

  test('empty pieces change nothing', () => {
    const framing = new PacketFraming(LARGEST);
    expect(framing.push(bytes())).toEqual(OK);
    expect(framing.push(bytes(0x30))).toEqual(OK);
    expect(framing.push(bytes())).toEqual(OK);
    expect(framing.push(bytes(0x00))).toEqual(OK);
    expect(framing.push(GIANT)).toEqual(tooLong(GIANT_TOTAL));
  });
});

describe('the longest packet counts its header', () => {
  test('exactly as long as allowed', () => {
    expect(new PacketFraming(LARGEST).push(packet(997))).toEqual(OK);
  });
  test('one byte longer', () => {
    expect(new PacketFraming(LARGEST).push(packet(998))).toEqual(tooLong(1_001));
  });
  test.each([
    [127, 129],
    [128, 131],
    [16_383, 16_386],
    [16_384, 16_388],
    [2_097_151, 2_097_155],
    [2_097_152, 2_097_157],
  ])('a body of %i bytes makes a packet of %i', (body, total) => {
    const announced = packet(body).subarray(0, 5);
    expect(new PacketFraming(total).push(announced)).toEqual(OK);
    expect(new PacketFraming(total - 1).push(announced)).toMatchObject({ ok: false });
  });
});

describe('refused', () => {
  test('a giant, as soon as its length is known, before any of its body came', () => {
    expect(new PacketFraming(LARGEST).push(GIANT)).toEqual(tooLong(GIANT_TOTAL));
  });
  test('a giant behind a good packet in the same piece', () => {
    expect(new PacketFraming(LARGEST).push(join(packet(5), GIANT))).toEqual(tooLong(GIANT_TOTAL));
  });
  test('a length of five bytes, at its fourth', () => {
    const framing = new PacketFraming(LARGEST);
    expect(framing.push(bytes(0x30, 0x80, 0x80, 0x80))).toEqual(OK);
    expect(framing.push(bytes(0x80))).toEqual(MALFORMED);
  });
  test('bytes that are no MQTT', () => {
    expect(new PacketFraming(LARGEST).push(bytes(0xff, 0xff, 0xff, 0xff, 0xff))).toEqual(MALFORMED);
  });
});
