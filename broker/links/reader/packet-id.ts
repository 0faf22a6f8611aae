import { malformed, type Violation } from './violation.ts';

const ZERO = malformed('a packet identifier of 0 [MQTT-2.3.1-1]');
const MISSING = malformed('a packet without a packet identifier [MQTT-2.3.1-1]');

/** What is wrong with the packet identifier that begins there. */
export function packetIdFault(packet: Uint8Array, at: number): Violation | undefined {
  if (at + 2 > packet.length) return MISSING;
  return packet[at] === 0 && packet[at + 1] === 0 ? ZERO : undefined;
}
