import { isUtf8 } from 'node:buffer';
import { malformed, type Violation } from './violation.ts';

/** Where the field that begins with its length in two bytes ends; -1 where the packet ends before (MQTT 3.1.1 §1.5.3). */
export function fieldEnd(packet: Uint8Array, at: number): number {
  if (at + 2 > packet.length) return -1;
  const end = at + 2 + (((packet[at] as number) << 8) | (packet[at + 1] as number));
  return end <= packet.length ? end : -1;
}

/**
 * What is wrong with a text between two places of a packet (MQTT 3.1.1 §1.5.3).
 * @param what it is, with its article
 */
export function textFault(packet: Uint8Array, from: number, to: number, what: string): Violation | undefined {
  const text = packet.subarray(from, to);
  if (!isUtf8(text)) return malformed(`${what} that is not well-formed UTF-8 [MQTT-1.5.3-1]`);
  return text.includes(0) ? malformed(`${what} with U+0000 [MQTT-1.5.3-2]`) : undefined;
}
