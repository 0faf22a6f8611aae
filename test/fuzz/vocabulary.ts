import { downFilter, feedTopic, requestTopic, tokenTopic, UP, upTopic } from '#firmware-protocol';
import type { Dice } from '../support/protocol/dice.ts';
import { fromHex, vectorFiles } from '../unit/firmware-protocol/vector-files.ts';
import { byte, counted, number16, rest, TYPES, type PacketParts, type Part } from './packet-parts.ts';

const TENANT = 'home';

/** Somebody from whom broken packets come. */
export interface Attacker {
  readonly kind: 'nobody' | 'device' | 'service';
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

/** Where a service may publish in these trials, and nobody else listens. */
export const PLAYGROUND = 'fuzz';

/** How the ids of the devices begin that are commanded and impersonated. */
export const VICTIM = 'fuzz-';

/** Messages of the protocol by the channel on which they travel. */
const PAYLOADS = Map.groupBy(
  vectorFiles().flatMap(({ type, vectors }) => vectors.map(({ hex }) => ({ type, payload: fromHex(hex) }))),
  ({ type }) => type,
);

const payloadOf = (dice: Dice, type: string): Uint8Array => dice.pick(PAYLOADS.get(type) ?? []).payload;

/** Few, so that what is asked and what is answered meet. */
const someId = (dice: Dice): Part => number16(1 + dice.below(8));

const flagsOf = (qos: number, retain: boolean, dup: boolean): number =>
  (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);

interface Publication {
  readonly topic: string;
  readonly payload: Uint8Array;
}

function playgroundTopic(dice: Dice): string {
  const levels = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(['a', 'b', '', 'ü', '__proto__']));
  return [PLAYGROUND, ...levels].join('/');
}

function publication(dice: Dice, { kind, id, password }: Attacker): Publication {
  if (dice.oneIn(40)) return { topic: tokenTopic(TENANT), payload: Buffer.from(password) };
  if (kind !== 'service') {
    const channel = dice.pick(UP);
    const type = { blk: 'blkreq' }[channel as string] ?? channel;
    return { topic: upTopic(TENANT, id, channel), payload: payloadOf(dice, type) };
  }
  if (dice.oneIn(20)) {
    const channel = dice.pick(['cmd', 'desired', 'cancel'] as const);
    const device = `${VICTIM}${dice.below(4)}`;
    return { topic: requestTopic(TENANT, device, channel), payload: payloadOf(dice, `rq/${channel}`) };
  }
  const payload = dice.oneIn(8) ? new Uint8Array() : Buffer.alloc(dice.below(200), 'x');
  return { topic: playgroundTopic(dice), payload };
}

function publish(dice: Dice, who: Attacker): PacketParts {
  const { topic, payload } = publication(dice, who);
  const qos = dice.below(3);
  const flags = flagsOf(qos, dice.oneIn(4), qos > 0 && dice.oneIn(4));
  const id = qos > 0 ? [someId(dice)] : [];
  return { type: TYPES.publish, flags, parts: [counted(topic), ...id, rest(payload)] };
}

const FILTERS = ['#', '+/+', '/#', '$SYS/#', '$share/group/a', `${PLAYGROUND}/#`, `${PLAYGROUND}/+/b`, 'a'];

function filter(dice: Dice, { id }: Attacker): string {
  if (dice.oneIn(2)) return downFilter(TENANT, id);
  if (dice.oneIn(8)) return feedTopic(TENANT, dice.pick(['fleet', 'cmd', 'batch']));
  return dice.pick(FILTERS);
}

const someFilters = (dice: Dice, who: Attacker): string[] =>
  Array.from({ length: dice.oneIn(20) ? 60 : 1 + dice.below(3) }, () => filter(dice, who));

const subscribe = (dice: Dice, who: Attacker): PacketParts => ({
  type: TYPES.subscribe,
  flags: 2,
  parts: [someId(dice), ...someFilters(dice, who).flatMap((each) => [counted(each), byte(dice.below(3))])],
});

const unsubscribe = (dice: Dice, who: Attacker): PacketParts => ({
  type: TYPES.unsubscribe,
  flags: 2,
  parts: [someId(dice), ...someFilters(dice, who).map((each) => counted(each))],
});

/** PUBACK, PUBREC, PUBREL or PUBCOMP. */
function acknowledgement(dice: Dice): PacketParts {
  const type = dice.pick([TYPES.puback, TYPES.pubrec, TYPES.pubrel, TYPES.pubcomp]);
  return { type, flags: type === TYPES.pubrel ? 2 : 0, parts: [someId(dice)] };
}

const empty = (type: number): PacketParts => ({ type, flags: 0, parts: [] });

/** What only a server may send, and what nobody may. */
function notForServers(dice: Dice): PacketParts {
  const type = dice.pick([TYPES.connack, TYPES.suback, TYPES.unsuback, TYPES.pingresp, 0, 15]);
  if (type === TYPES.connack) return { type, flags: 0, parts: [byte(0), byte(0)] };
  return { type, flags: 0, parts: type === TYPES.pingresp ? [] : [someId(dice)] };
}

/** A CONNECT that is accepted, where its password is good. */
export function connect(dice: Dice, who: Attacker): PacketParts {
  const clean = who.kind !== 'service' || dice.oneIn(2);
  const will = dice.oneIn(3) ? publication(dice, who) : undefined;
  const willFlags = will ? 4 | (dice.below(3) << 3) | (dice.oneIn(2) ? 32 : 0) : 0;
  return {
    type: TYPES.connect,
    flags: 0,
    parts: [
      counted('MQTT'),
      byte(4),
      byte(0xc0 | willFlags | (clean ? 2 : 0)),
      number16(dice.pick([0, 30, 60, 65_535])),
      counted(who.kind === 'device' ? who.id : `client-${dice.below(50)}`),
      ...(will ? [counted(will.topic), counted(will.payload)] : []),
      counted(who.username),
      counted(who.password),
    ],
  };
}

/** Any packet of any type, as a client writes it that does nothing wrong but, perhaps, to send it just then. */
export function anyPacket(dice: Dice, who: Attacker): PacketParts {
  if (dice.oneIn(40)) return notForServers(dice);
  if (dice.oneIn(60)) return connect(dice, who);
  if (dice.oneIn(80)) return empty(TYPES.disconnect);
  const make = dice.pick([publish, publish, publish, subscribe, unsubscribe, acknowledgement, ping]);
  return make(dice, who);
}

const ping = (): PacketParts => empty(TYPES.pingreq);
