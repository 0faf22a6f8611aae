import type { Dice } from '../support/protocol/dice.ts';

/** Opcodes of WebSocket frames (RFC 6455 §5.2). */
export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The first bits of a frame: that it is the last of its message, that it is masked, and those that are reserved. */
const FIN = 0x80;
const MASKED = 0x80;
const RESERVED = [0x40, 0x20, 0x10];

interface FrameHead {
  readonly opcode: number;
  readonly fin?: boolean;
  readonly reserved?: number;
}

function lengthOf(length: number): Uint8Array {
  if (length < 126) return Uint8Array.of(MASKED | length);
  if (length < 65_536) return Uint8Array.of(MASKED | 126, length >> 8, length & 0xff);
  const long = Buffer.alloc(9, 0);
  long[0] = MASKED | 127;
  long.writeUInt32BE(length, 5);
  return long;
}

/** One frame as a client sends it, masked with four random bytes. */
export function frame(payload: Uint8Array, dice: Dice, { opcode, fin = true, reserved = 0 }: FrameHead) {
  const mask = dice.bytes(4);
  const masked = payload.map((each, at) => each ^ (mask[at & 3] as number));
  const head = Uint8Array.of((fin ? FIN : 0) | reserved | opcode);
  return Buffer.concat([head, lengthOf(payload.length), mask, masked]);
}

const binary = (payload: Uint8Array, dice: Dice) => frame(payload, dice, { opcode: OPCODES.binary });
const ping = (dice: Dice) => frame(dice.bytes(dice.below(126)), dice, { opcode: OPCODES.ping });

function pieces(bytes: Uint8Array, dice: Dice): Uint8Array[] {
  if (bytes.length <= 64 && dice.oneIn(4)) return [...bytes].map((each) => Uint8Array.of(each));
  const cuts = Array.from({ length: 1 + dice.below(3) }, () => dice.below(bytes.length + 1)).sort(
    (one, other) => one - other,
  );
  return [0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at]));
}

/** One message in several frames, some of them without a byte, with pings between them [RFC 6455 §5.4]. */
function fragments(bytes: Uint8Array, dice: Dice): Uint8Array {
  const cut = pieces(bytes, dice);
  return Buffer.concat(
    cut.flatMap((piece, at) => {
      const opcode = at === 0 ? OPCODES.binary : OPCODES.continuation;
      const part = frame(piece, dice, { opcode, fin: at === cut.length - 1 });
      return dice.oneIn(4) ? [part, ping(dice)] : [part];
    }),
  );
}

/** Bytes of MQTT in binary frames that have nothing to do with where packets end [MQTT-6.0.0-2]. */
export function inFrames(bytes: Uint8Array, dice: Dice): Uint8Array {
  switch (dice.below(6)) {
    case 0:
      return Buffer.concat(pieces(bytes, dice).map((piece) => binary(piece, dice)));
    case 1:
      return fragments(bytes, dice);
    default:
      return binary(bytes, dice);
  }
}

type Breakage = (bytes: Uint8Array, dice: Dice) => Uint8Array;

const CLOSE_CODES = [0, 999, 1000, 1001, 1004, 1005, 1006, 1015, 2999, 3000, 4999, 5000, 65_535];

const BREAKAGES: readonly Breakage[] = [
  (bytes, dice) => frame(bytes, dice, { opcode: OPCODES.text }),
  (bytes, dice) => frame(bytes, dice, { opcode: OPCODES.continuation }),
  (bytes, dice) => frame(bytes, dice, { opcode: dice.pick([3, 7, 11, 15]) }),
  (bytes, dice) => frame(bytes, dice, { opcode: OPCODES.binary, reserved: dice.pick(RESERVED) }),
  (bytes, dice) => frame(bytes.subarray(0, 125), dice, { opcode: OPCODES.ping, fin: false }),
  (_bytes, dice) => frame(dice.bytes(126), dice, { opcode: dice.pick([OPCODES.ping, OPCODES.pong]) }),
  function close(_bytes, dice) {
    const code = dice.pick(CLOSE_CODES);
    const payload = Buffer.concat([Uint8Array.of(code >> 8, code & 0xff), dice.bytes(dice.below(200))]);
    return frame(payload.subarray(0, dice.below(payload.length + 1)), dice, { opcode: OPCODES.close });
  },
  function twoMessagesAtOnce(bytes, dice) {
    const first = frame(bytes, dice, { opcode: OPCODES.binary, fin: false });
    return Buffer.concat([first, binary(bytes, dice)]);
  },
  function unmasked(bytes, dice) {
    const whole = Buffer.from(binary(bytes, dice));
    whole[1] = (whole[1] as number) & ~MASKED;
    return whole;
  },
  function longerThanItIs(bytes, dice) {
    const whole = Buffer.from(binary(bytes, dice));
    const length = dice.pick([126, 127]);
    whole[1] = MASKED | length;
    return whole;
  },
  function giant(bytes, dice) {
    const length = Buffer.alloc(8);
    length.writeUInt32BE(dice.pick([0, 1, 0x7fff_ffff, 0xffff_ffff]), 0);
    length.writeUInt32BE(dice.pick([65_536, 131_073, 0xffff_ffff]), 4);
    const head = Uint8Array.of(FIN | OPCODES.binary, MASKED | 127);
    return Buffer.concat([head, length, dice.bytes(4), bytes]);
  },
  (_bytes, dice) => dice.bytes(1 + dice.below(40)),
];

/** Frames that RFC 6455 forbids, or that this hub does not want. */
export const brokenFrames: Breakage = (bytes, dice) => dice.pick(BREAKAGES)(bytes, dice);
