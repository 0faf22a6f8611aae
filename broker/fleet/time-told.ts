import { ProtocolError, resolveTime } from '#firmware-protocol';

/** A time that a device told, made one at which it can have been: not before 1970 and not in the future. In ms. */
export const possibleTime = (time: number, now: number): number => Math.max(0, Math.min(time, now));

/**
 * The Unix time in ms that a message's `t` means.
 * @throws ProtocolError where it means none
 */
export function timeTold(t: number, now: number): number {
  const time = resolveTime(t, now);
  if (time === undefined) {
    throw new ProtocolError('bad_value', `t ${t} is neither a Unix time in ms nor relative`);
  }
  return possibleTime(time, now);
}
