import { mutateBytes } from '../support/protocol/byte-mutations.ts';
import type { Dice } from '../support/protocol/dice.ts';
import { bodyOf, encode, lengthBytes, number16, type PacketParts, type Part } from './packet-parts.ts';

/** Lengths at the bounds of their encodings [2.2.3], and of what a hub accepts. */
const LENGTHS = [
  0, 1, 2, 127, 128, 16_383, 16_384, 65_535, 65_536, 131_072, 2_097_151, 2_097_152, 268_435_455,
];
const NUMBERS = [0, 1, 2, 127, 128, 255, 256, 16_383, 32_767, 32_768, 65_534, 65_535];

/** Remaining lengths that mean nothing, or that are longer than they need to be. */
const BROKEN_LENGTHS = [
  [0x80, 0x80, 0x80, 0x80],
  [0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x00],
  [0x85, 0x80, 0x80, 0x00],
];

/** What UTF-8 in MQTT must not have, or need not bear [1.5.3]. */
const BAD_TEXT = [
  [0x00],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0x80],
  [0xff],
  [0x01],
  [0x7f],
  [0xef, 0xbf, 0xbf],
  [0xef, 0xbb, 0xbf],
].map((bytes) => Uint8Array.from(bytes));

/** What means something in topics. */
const TELLING_TEXT = ['', '#', '+', '/', '//', '$SYS/', '$share/a/', '/#', '/+/', 'iot/1/'].map((text) =>
  Buffer.from(text),
);

type Change<T> = (value: T, dice: Dice, other: PacketParts) => T;

function splice(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

const withBytes = (part: Part, bytes: Uint8Array): Part => ({ ...part, bytes });

const numberAtBound: Change<Part> = (part, dice) => {
  const value = dice.pick(NUMBERS);
  return withBytes(
    part,
    part.bytes.length === 1 ? Uint8Array.of(value & 0xff) : Uint8Array.of(value >> 8, value & 0xff),
  );
};

const damagedText: Change<Part> = (part, dice) =>
  withBytes(part, splice(part.bytes, dice.below(part.bytes.length + 1), dice.below(2), dice.pick(BAD_TEXT)));

const tellingText: Change<Part> = (part, dice) =>
  withBytes(part, splice(part.bytes, dice.below(part.bytes.length + 1), 0, dice.pick(TELLING_TEXT)));

const repeatedText: Change<Part> = (part, dice) => {
  const times = dice.pick([2, 20, 200]);
  return withBytes(part, Buffer.concat(Array<Uint8Array>(times).fill(part.bytes)).subarray(0, 65_535));
};

const anyBytes: Change<Part> = (part, dice, other) =>
  withBytes(part, mutateBytes(part.bytes, dice, bodyOf(other)).subarray(0, 65_535));

/** The part says that it is of another length than it is. */
const lyingLength: Change<Part> = (part, dice) => {
  const length = dice.pick([0, part.bytes.length + 1, part.bytes.length - 1, ...NUMBERS]) & 0xffff;
  return { kind: 'rest', bytes: Buffer.concat([Uint8Array.of(length >> 8, length & 0xff), part.bytes]) };
};

const PART_CHANGES: Readonly<Record<Part['kind'], readonly Change<Part>[]>> = {
  number: [numberAtBound, anyBytes],
  counted: [damagedText, tellingText, repeatedText, anyBytes, lyingLength],
  rest: [anyBytes],
};

const changedPart: Change<PacketParts> = (packet, dice, other) => {
  const at = dice.below(packet.parts.length);
  const part = packet.parts[at];
  if (!part) return packet;
  const changed = dice.pick(PART_CHANGES[part.kind])(part, dice, other);
  return { ...packet, parts: packet.parts.with(at, changed) };
};

const withoutPart: Change<PacketParts> = (packet, dice) => ({
  ...packet,
  parts: packet.parts.toSpliced(dice.below(packet.parts.length), 1),
});

const twicePart: Change<PacketParts> = (packet, dice) => {
  const at = dice.below(packet.parts.length);
  const run = packet.parts.slice(at, at + 1 + dice.below(3));
  return { ...packet, parts: packet.parts.toSpliced(at, 0, ...run) };
};

/** The beginning of one packet and the end of another. */
const partsOfTwo: Change<PacketParts> = (packet, dice, other) => ({
  ...packet,
  parts: [
    ...packet.parts.slice(0, dice.below(packet.parts.length + 1)),
    ...other.parts.slice(dice.below(other.parts.length + 1)),
  ],
});

const otherFlags: Change<PacketParts> = (packet, dice) => ({ ...packet, flags: dice.below(16) });
const otherType: Change<PacketParts> = (packet, dice) => ({ ...packet, type: dice.below(16) });

/** Changes that leave a packet framed, so that what is in it is read. */
const FRAMED = [
  changedPart,
  changedPart,
  changedPart,
  withoutPart,
  twicePart,
  partsOfTwo,
  otherFlags,
  otherType,
] as const;

/** Bytes that say that they are of another length than they are, or that are anything at all. */
const UNFRAMED: readonly ((packet: PacketParts, dice: Dice, other: PacketParts) => Uint8Array)[] = [
  (packet, dice) => encode(packet, lengthBytes(dice.pick(LENGTHS))),
  (packet, dice) => encode(packet, lengthBytes(Math.max(0, bodyOf(packet).length + dice.below(7) - 3))),
  (packet, dice) => encode(packet, dice.pick(BROKEN_LENGTHS)),
  (packet, dice, other) => mutateBytes(encode(packet), dice, encode(other)),
  (packet, dice) => encode(packet).subarray(0, dice.below(encode(packet).length)),
  (_packet, dice) => dice.bytes(1 + dice.below(64)),
];

/** A packet with one or two mistakes, which may still be a good one. */
export function broken(packet: PacketParts, dice: Dice, other: PacketParts): Uint8Array {
  if (dice.oneIn(4)) return dice.pick(UNFRAMED)(packet, dice, other);
  let changed = packet;
  for (let left = 1 + dice.below(2); left > 0; left -= 1) changed = dice.pick(FRAMED)(changed, dice, other);
  return encode(changed);
}

/** Whether a part can be anything at all in a packet that is well formed: a payload, an identifier. */
const isFree = ({ kind, bytes }: Part): boolean =>
  kind === 'rest' || (kind === 'number' && bytes.length === 2);

const idAtBound: Change<Part> = (part, dice) => withBytes(part, number16(dice.pick(NUMBERS.slice(1))).bytes);

/**
 * A packet whose meaning is another one and whose form is right: a payload that is damaged, or an identifier at a
 * bound. Most of these are to be borne, so that a link goes through much before it ends.
 */
export function twisted(packet: PacketParts, dice: Dice, other: PacketParts): Uint8Array {
  const free = packet.parts.flatMap((part, at) => (isFree(part) ? [at] : []));
  const at = dice.pick(free);
  const part = packet.parts[at];
  if (!part) return encode(packet);
  const changed = (part.kind === 'rest' ? anyBytes : idAtBound)(part, dice, other);
  return encode({ ...packet, parts: packet.parts.with(at, changed) });
}
