import { Dice } from '../support/protocol/dice.ts';
import { brokenFrames, frame, inFrames, OPCODES } from './frames.ts';
import { brokenUpgrade, UPGRADE } from './handshakes.ts';
import { broken, twisted } from './mutations.ts';
import { encode, TYPES } from './packet-parts.ts';
import { anyPacket, connect, type Attacker } from './vocabulary.ts';

/** Most writes of one link: many more than most live to send. */
const WRITES = 60;

/** What a link sends at once. */
export interface Write {
  readonly bytes: Uint8Array;
  /** How many MQTT packets are in it, as far as these are packets. A ping at its end does not count. */
  readonly packets: number;
}

/** How a link ends that was borne to its end. */
export type Farewell = 'reset' | 'half-close' | 'close frame' | 'silence';

/** All that one link does. */
export interface Script {
  readonly upgrade: Uint8Array;
  /** Whether an answer to the handshake is waited for, which one that is broken may not have. */
  readonly patient: boolean;
  readonly writes: Iterable<Write>;
  readonly farewell: Farewell;
}

/** Those who attack: strangers, devices and services with rights. Each link is one of them. */
export type Cast = readonly Attacker[];

/** What link number so much does. The same seed makes the same links, whatever became of those before. */
export function script(seed: number, link: number, cast: Cast): Script {
  const dice = new Dice(seed * 1_000_003 + link);
  // One after the other, so that those who are there at the same time are different ones.
  const who = cast[link % cast.length] as Attacker;
  const damaged = dice.oneIn(25);
  return {
    upgrade: damaged ? brokenUpgrade(dice) : UPGRADE,
    patient: !damaged && !dice.oneIn(100),
    writes: writes(dice, who),
    farewell: dice.pick(['reset', 'reset', 'half-close', 'close frame', 'silence']),
  };
}

function* writes(dice: Dice, who: Attacker): Generator<Write> {
  if (dice.oneIn(6)) {
    const packets = Array.from({ length: 1 + dice.below(3) }, () =>
      broken(dice.oneIn(4) ? anyPacket(dice, who) : connect(dice, who), dice, anyPacket(dice, who)),
    );
    yield { bytes: cut(Buffer.concat(packets), dice), packets: packets.length };
  }
  const first = encode(connect(dice, who));
  if (dice.oneIn(4)) yield { bytes: cut(Buffer.concat([first, ...some(dice, who)]), dice), packets: 1 };
  else yield { bytes: Buffer.concat([inFrames(first, dice), ping(dice)]), packets: 1 };
  for (let left = WRITES; left > 0; left -= 1) {
    const packets = some(dice, who);
    const bytes = Buffer.concat([cut(Buffer.concat(packets), dice), ping(dice)]);
    yield { bytes, packets: packets.length };
  }
}

const some = (dice: Dice, who: Attacker): Uint8Array[] =>
  Array.from({ length: dice.oneIn(3) ? 2 + dice.below(3) : 1 }, () => one(dice, who));

function one(dice: Dice, who: Attacker): Uint8Array {
  const packet = anyPacket(dice, who);
  switch (dice.below(6)) {
    case 0:
      return encode(packet);
    case 1:
      return broken(packet, dice, anyPacket(dice, who));
    default:
      return twisted(packet, dice, anyPacket(dice, who));
  }
}

const cut = (bytes: Uint8Array, dice: Dice): Uint8Array =>
  dice.oneIn(60) ? brokenFrames(bytes, dice) : inFrames(bytes, dice);

/** What a hub answers that has read all that came before, and still listens. */
const ping = (dice: Dice): Uint8Array =>
  frame(encode({ type: TYPES.pingreq, flags: 0, parts: [] }), dice, { opcode: OPCODES.binary });
