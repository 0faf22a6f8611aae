/** What has been received of one boot: the highest sequence number, and which of the 64 up to it. */
export interface SequenceWindow {
  readonly boot: number;
  readonly highest: number;
  /** Bit n is set when `highest − n` has been received. */
  readonly seen: bigint;
  /** Bit n is set when `highest − n` was skipped and has not come since. */
  readonly skipped: bigint;
  /**
   * How many numbers were skipped and have not come since, also those that the window has left behind. A gap counts
   * for no more than the window holds: so many were hardly ever sent.
   */
  readonly missing: number;
}

const WIDTH = 64;
const MASK = (1n << BigInt(WIDTH)) - 1n;

export type SequenceVerdict = 'new' | 'duplicate' | 'stale';

/**
 * Takes one (boot, seq) into account (SPEC.md 9.3). Numbers that are skipped may still arrive out of order. A
 * different boot starts afresh.
 */
export function receive(
  window: SequenceWindow | undefined,
  boot: number,
  seq: number,
): { window: SequenceWindow; verdict: SequenceVerdict } {
  if (window?.boot !== boot) {
    return { window: { boot, highest: seq, seen: 1n, skipped: 0n, missing: 0 }, verdict: 'new' };
  }
  const ahead = (seq - window.highest) | 0; // signed, so that the wrap from 2³²−1 to 0 is one step ahead
  if (ahead > 0) return { window: moveOn(window, seq, ahead), verdict: 'new' };
  if (-ahead >= WIDTH) return { window, verdict: 'stale' };
  const bit = 1n << BigInt(-ahead);
  if ((window.seen & bit) !== 0n) return { window, verdict: 'duplicate' };
  return { window: fill(window, bit), verdict: 'new' };
}

/** What is missing is given up: it no longer counts, though it may still come. */
export const giveUp = (window: SequenceWindow): SequenceWindow => ({ ...window, skipped: 0n, missing: 0 });

function moveOn(window: SequenceWindow, seq: number, ahead: number): SequenceWindow {
  const between = ahead - 1;
  const shift = BigInt(Math.min(ahead, WIDTH));
  return {
    boot: window.boot,
    highest: seq,
    seen: ((window.seen << shift) | 1n) & MASK,
    skipped: between === 0 && window.skipped === 0n ? 0n : skip(window.skipped, shift),
    missing: window.missing + Math.min(between, WIDTH - 1),
  };
}

/** What was skipped before, and the numbers that were skipped now. */
const skip = (before: bigint, shift: bigint): bigint => ((before << shift) | ((1n << shift) - 2n)) & MASK;

function fill(window: SequenceWindow, bit: bigint): SequenceWindow {
  const awaited = (window.skipped & bit) !== 0n;
  return {
    ...window,
    seen: window.seen | bit,
    skipped: window.skipped & ~bit,
    missing: awaited ? window.missing - 1 : window.missing,
  };
}
