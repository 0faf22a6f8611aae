/** How far back losses count, in ms. */
export const FLAP_WINDOW = 600_000;
/** How many losses within that are worth telling. */
const FLAPS = 3;

/** Losses that still count. */
export const recentLosses = (losses: readonly number[], now: number): readonly number[] =>
  losses.filter((at) => at > now - FLAP_WINDOW);

/** What is told of a device that was lost so often of late: how often, or 0 where that is nothing unusual. */
export const flapsOf = (losses: readonly number[]): number => (losses.length >= FLAPS ? losses.length : 0);
