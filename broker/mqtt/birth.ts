import { ProtocolError, status, upTopic } from '#firmware-protocol';
import type { Birth } from '../fleet/devices/twin.ts';

/** What a device's CONNECT says of its boot and session by its will (SPEC.md 2.5), if it has one that says so. */
export function birthOf(
  device: { readonly tenant: string; readonly id: string },
  will: { readonly topic: string; readonly payload: Uint8Array | string } | undefined,
): Birth | undefined {
  if (will?.topic !== upTopic(device.tenant, device.id, 'status')) return undefined;
  try {
    const { boot, sess } = status.decode(Buffer.from(will.payload));
    return { boot, sess };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
