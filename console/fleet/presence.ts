import { AWAITED, STATUS } from '#firmware-protocol';

/** How a device stands to the hub, in the words of the console. */
export type Presence = 'online' | 'sleeping' | 'updating' | 'awaited' | 'offline' | 'never';

const BY_STATUS: Readonly<Record<number, Presence>> = {
  [STATUS.lost]: 'offline',
  [STATUS.online]: 'online',
  [STATUS.sleeping]: 'sleeping',
  [STATUS.updating]: 'updating',
  [STATUS.bye]: 'offline',
  [AWAITED]: 'awaited',
};

/** A device without a status, or one the hub has never seen, has yet to connect for the first time. */
export function presenceOf(device: { st?: number | undefined; seen?: number | undefined }): Presence {
  const presence = device.st === undefined ? 'never' : (BY_STATUS[device.st] ?? 'offline');
  return presence === 'offline' && device.seen === undefined ? 'never' : presence;
}

const REACHABLE: ReadonlySet<Presence> = new Set(['online', 'sleeping', 'updating']);

/** Whether the hub can send something to a device with this presence. */
export const isReachable = (presence: Presence): boolean => REACHABLE.has(presence);
