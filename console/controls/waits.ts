/** For how long commands may wait for a device that is away: what is offered, in ms. */
export const WAITS = [60_000, 600_000, 3_600_000, 86_400_000] as const;
