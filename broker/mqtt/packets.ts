import { bodyOf } from '../links/reader/fixed-header.ts';
import { PACKET } from '../links/reader/packet-type.ts';
import type { Message, Qos } from './message.ts';

/** Bit of a byte of the remaining length that says that another one follows (MQTT 3.1.1 §2.2.3). */
const CONTINUES = 0x80;

/** A topic filter of a SUBSCRIBE, with the QoS that is asked for. */
export interface Requested {
  readonly filter: string;
  readonly qos: Qos;
}

/** The packet identifier of a packet that begins with one, sound as the reader of links leaves it. */
export function packetId(packet: Buffer): number {
  return packet.readUInt16BE(bodyOf(packet));
}

/** What a SUBSCRIBE asks for, in its order; the packet is sound as the reader of links leaves it. */
export function requestedBy(packet: Buffer): Requested[] {
  const requested: Requested[] = [];
  for (let at = bodyOf(packet) + 2; at < packet.length;) {
    const end = at + 2 + packet.readUInt16BE(at);
    requested.push({ filter: packet.toString('utf8', at + 2, end), qos: packet[end] as Qos });
    at = end + 1;
  }
  return requested;
}

/** The topic filters of an UNSUBSCRIBE, which is sound as the reader of links leaves it. */
export function unwantedBy(packet: Buffer): string[] {
  const unwanted: string[] = [];
  for (let at = bodyOf(packet) + 2; at < packet.length;) {
    const end = at + 2 + packet.readUInt16BE(at);
    unwanted.push(packet.toString('utf8', at + 2, end));
    at = end;
  }
  return unwanted;
}

/** A message on its way to one client. */
export interface Publish extends Pick<Message, 'topic' | 'payload' | 'qos' | 'retain'> {
  readonly dup: boolean;
  /** The packet identifier, of QoS 1 and 2 only. */
  readonly id?: number;
}

/** A PUBLISH (MQTT 3.1.1 §3.3). */
export function publishPacket({ topic, payload, qos, retain, dup, id = 0 }: Publish): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const { packet, body } = allocate(
    (PACKET.PUBLISH << 4) | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
    2 + topicBytes + (qos > 0 ? 2 : 0) + payload.length,
  );
  let at = packet.writeUInt16BE(topicBytes, body);
  at += packet.write(topic, at);
  if (qos > 0) at = packet.writeUInt16BE(id, at);
  packet.set(payload, at);
  return packet;
}

/** A PUBREL (MQTT 3.1.1 §3.6), whose reserved bits are 0010 [MQTT-3.6.1-1]. */
export const pubrelPacket = (id: number): Buffer =>
  Buffer.of((PACKET.PUBREL << 4) | 2, 2, id >> 8, id & 0xff);

/** A SUBACK (MQTT 3.1.1 §3.9), with a return code for each filter, in the order of the SUBSCRIBE [MQTT-3.9.3-1]. */
export function subackPacket(id: number, codes: readonly number[]): Buffer {
  const { packet, body } = allocate(PACKET.SUBACK << 4, 2 + codes.length);
  packet.set(codes, packet.writeUInt16BE(id, body));
  return packet;
}

/** An UNSUBACK (MQTT 3.1.1 §3.11). */
export const unsubackPacket = (id: number): Buffer => Buffer.of(PACKET.UNSUBACK << 4, 2, id >> 8, id & 0xff);

/** A packet with its fixed header, and where its body begins. */
function allocate(firstByte: number, length: number): { packet: Buffer; body: number } {
  const body = length < 128 ? 2 : length < 16_384 ? 3 : length < 2_097_152 ? 4 : 5;
  const packet = Buffer.allocUnsafe(body + length);
  packet[0] = firstByte;
  let rest = length;
  for (let at = 1; at < body; at += 1) {
    packet[at] = (rest & 0x7f) | (at < body - 1 ? CONTINUES : 0);
    rest >>>= 7;
  }
  return { packet, body };
}
