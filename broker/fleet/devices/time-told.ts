import { resolveTime } from '#firmware-protocol';

/** A time that a device told, made one at which it can have been: not before 1970 and not in the future. In ms. */
export const possibleTime = (time: number, now: number): number => Math.max(0, Math.min(time, now));

/** The Unix time in ms that a message's `t` means. */
export const timeTold = (t: number, now: number): number => possibleTime(resolveTime(t, now), now);
