import { AWAITED, STATUS, type Values } from '#firmware-protocol';
import type { KnownDescription } from '../devices/description.ts';
import type { DoublyUsed } from '../devices/double-use.ts';

/** What selections, batches and the API see of a device. Times are Unix ms. */
export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly tags: readonly string[];
  readonly description?: KnownDescription | undefined;
  readonly vals: Values;
  readonly want?: Values | undefined;
  /** One of `STATUS`, or `AWAITED`. */
  readonly st: number;
  readonly since?: number | undefined;
  readonly seenAt?: number | undefined;
  /** Whether a session of this device is open now. */
  readonly linked: boolean;
  /** Since when two programs use its id, and where they are, for as long as they do. */
  readonly twice?: DoublyUsed | undefined;
}

/** All devices of the hub. */
export interface Devices {
  devices(): Iterable<DeviceView>;
  device(id: string): DeviceView | undefined;
}

/** Whether a device can be asked now, is away, or may be back in a moment because it was the hub that was away. */
export type Standing = 'there' | 'away' | 'awaited';

export function standingOf({ linked, st }: DeviceView): Standing {
  if (st === AWAITED) return 'awaited';
  return linked && st !== STATUS.bye ? 'there' : 'away';
}
