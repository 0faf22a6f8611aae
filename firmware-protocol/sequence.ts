/** What has been received of one boot: the highest sequence number, and which of the 64 up to it. */
export interface SequenceWindow {
  readonly boot: number;
  readonly highest: number;
  /** Bit n is set when `highest − n` has been received. */
  readonly seen: bigint;
}

const WIDTH = 64;
const MASK = (1n << BigInt(WIDTH)) - 1n;

export type SequenceVerdict = 'new' | 'duplicate' | 'stale';

/**
 * Takes one (boot, seq) into account. `gap` is how many numbers were skipped just now; they may still arrive
 * out of order. A different boot starts afresh.
 */
export function receive(
  window: SequenceWindow | undefined,
  boot: number,
  seq: number,
): { window: SequenceWindow; verdict: SequenceVerdict; gap: number } {
  if (window?.boot !== boot) return { window: { boot, highest: seq, seen: 1n }, verdict: 'new', gap: 0 };
  const ahead = (seq - window.highest) | 0; // signed, so that the wrap from 2³²−1 to 0 is one step ahead
  if (ahead > 0) {
    const seen = ahead >= WIDTH ? 1n : ((window.seen << BigInt(ahead)) | 1n) & MASK;
    return { window: { boot, highest: seq, seen }, verdict: 'new', gap: ahead - 1 };
  }
  if (-ahead >= WIDTH) return { window, verdict: 'stale', gap: 0 };
  const bit = 1n << BigInt(-ahead);
  if ((window.seen & bit) !== 0n) return { window, verdict: 'duplicate', gap: 0 };
  return { window: { ...window, seen: window.seen | bit }, verdict: 'new', gap: 0 };
}
