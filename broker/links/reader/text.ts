import { isUtf8 } from 'node:buffer';
import { malformed, type Violation } from './violation.ts';

const ILL_FORMED = malformed('text that is not well-formed UTF-8 [MQTT-1.5.3-1]');
const WITH_NUL = malformed('text with U+0000 [MQTT-1.5.3-2]');

/** Where the field that begins with its length in two bytes ends; -1 where the packet ends before (MQTT 3.1.1 §1.5.3). */
export function fieldEnd(packet: Uint8Array, at: number): number {
  if (at + 2 > packet.length) return -1;
  const end = at + 2 + (((packet[at] as number) << 8) | (packet[at + 1] as number));
  return end <= packet.length ? end : -1;
}

/** What is wrong with the text between two places of a packet (MQTT 3.1.1 §1.5.3). */
export function textFault(packet: Uint8Array, from: number, to: number): Violation | undefined {
  const text = packet.subarray(from, to);
  if (!isUtf8(text)) return ILL_FORMED;
  return text.includes(0) ? WITH_NUL : undefined;
}
