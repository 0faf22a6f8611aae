import { giveUp, receive } from '#firmware-protocol';
import type { Twin } from './twin.ts';

/** A message that counts, and whether it came after a later one; or why it does not count. */
export type Arrival =
  { readonly twin: Twin; readonly late: boolean; readonly dropped?: never } | { readonly dropped: string };

/** Takes a message's sequence number into account (SPEC.md 8.8, 9.3). */
export function arrive(twin: Twin, { boot, seq }: { boot: number; seq: number }, now: number): Arrival {
  if (twin.ready && boot !== twin.boot) {
    return { dropped: `its boot ${boot} is not that of the session, ${twin.boot} (clause 8.8)` };
  }
  const { window, verdict } = receive(twin.window, boot, seq);
  if (verdict !== 'new') {
    const why = verdict === 'duplicate' ? 'came before' : `is more than 64 behind ${window.highest}`;
    return { dropped: `number ${seq} of boot ${boot} ${why} (clause 9.3)` };
  }
  const missingSince = window.missing > 0 ? (twin.missingSince ?? now) : undefined;
  return { twin: { ...twin, window, missingSince }, late: window.highest !== seq };
}

/** How long a message may come after a later one before it counts as lost, in ms (SPEC.md 9.4). */
const LOST_AFTER = 2_000;
/** How often a device is asked for its state because of losses, in ms. */
const ASK_AGAIN_AFTER = 60_000;

/** When the missing messages of a device count as lost, or undefined where none are missing. */
export const lostAt = ({ missingSince }: Twin): number | undefined =>
  missingSince === undefined ? undefined : missingSince + LOST_AFTER;

/** Gives up what is missing. `ask` says whether the device is to send its state again. */
export function lost(twin: Twin, now: number): { twin: Twin; messages: number; ask: boolean } {
  const { window, askedAt } = twin;
  const ask = twin.linked && (askedAt === undefined || now - askedAt >= ASK_AGAIN_AFTER);
  return {
    twin: {
      ...twin,
      ...(window && { window: giveUp(window) }),
      ...(ask && { askedAt: now }),
      missingSince: undefined,
    },
    messages: window?.missing ?? 0,
    ask,
  };
}
