import type { Pair } from './judge-pair.ts';

/** What is known of the two files, and of the pair that is presented. */
export interface ReloadState {
  /** Tells one content of the files from another without reading them: as of before they were read last. */
  readonly mark: string;
  readonly inUse: Pair;
  /** What was wrong with them then, and whether that was said. */
  readonly fault?: { readonly text: string; readonly told: boolean };
}

/** What was read: a pair that can be presented, or what is wrong. */
export type Reading = { readonly pair: Pair } | { readonly fault: string };

export type Verdict = 'keep' | 'take' | 'tell';

/** Whether the files are worth reading. Those that could not be used are tried again, whatever was wrong. */
export const worthReading = ({ mark, fault }: ReloadState, seen: string): boolean =>
  fault !== undefined || seen !== mark;

/**
 * What to do after the files were read. Whoever renews a certificate writes one file after the other, so what is wrong
 * is said only when it is still so at the next look, and then once.
 */
export function afterReading(
  { inUse, fault }: ReloadState,
  mark: string,
  reading: Reading,
): { readonly state: ReloadState; readonly verdict: Verdict } {
  if ('pair' in reading) {
    const { pair } = reading;
    const same = pair.cert === inUse.cert && pair.key === inUse.key;
    return { state: { mark, inUse: pair }, verdict: same ? 'keep' : 'take' };
  }
  const again = fault?.text === reading.fault;
  const tell = again && !fault.told;
  return {
    state: { mark, inUse, fault: { text: reading.fault, told: again } },
    verdict: tell ? 'tell' : 'keep',
  };
}
