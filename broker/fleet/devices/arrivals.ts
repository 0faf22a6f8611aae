import { receive } from '#firmware-protocol';
import { knowsBoot, type Twin } from './twin.ts';

/** A message that counts, and whether it came after a later one; or why it does not count. */
export type Arrival =
  { readonly twin: Twin; readonly late: boolean; readonly dropped?: never } | { readonly dropped: string };

/** Takes a message's sequence number into account (SPEC.md 8.8, 9.3). */
export function arrive(twin: Twin, { boot, seq }: { boot: number; seq: number }, now: number): Arrival {
  if (knowsBoot(twin) && boot !== twin.boot) {
    return { dropped: `its boot ${boot} is not that of the session, ${twin.boot} (clause 8.8)` };
  }
  const { window, verdict } = receive(twin.window, boot, seq);
  if (verdict !== 'new') {
    const why = verdict === 'duplicate' ? 'came before' : `is 64 or more behind ${window.highest}`;
    return { dropped: `number ${seq} of boot ${boot} ${why} (clause 9.3)` };
  }
  const missingSince = window.missing > 0 ? (twin.missingSince ?? now) : undefined;
  return { twin: { ...twin, window, missingSince }, late: window.highest !== seq };
}
