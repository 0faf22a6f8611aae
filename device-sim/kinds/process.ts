import type { Rng } from '../rng.ts';

/** How a quantity wanders: around `mean`, by about `deviation`, forgetting where it was within `relaxMs`. */
export interface Wander {
  readonly mean: number;
  readonly deviation: number;
  readonly relaxMs: number;
}

/** Moves `from` towards `target` for `ms`, with time constant `tauMs`. Exact, so that the step does not matter. */
export function approach(from: number, target: number, ms: number, tauMs: number): number {
  return target + (from - target) * Math.exp(-ms / tauMs);
}

/** One step of an Ornstein–Uhlenbeck process; like `approach`, its statistics do not depend on the step. */
export function wander(from: number, { mean, deviation, relaxMs }: Wander, ms: number, rng: Rng): number {
  const kept = Math.exp(-ms / relaxMs);
  return mean + (from - mean) * kept + deviation * Math.sqrt(1 - kept * kept) * rng.normal();
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

/** Energy in Wh of `watts` over `ms`. */
export function wattHours(watts: number, ms: number): number {
  return (watts * ms) / 3_600_000;
}
