import { giveUp, receive } from '#firmware-protocol';
import type { Twin } from './twin.ts';

/**
 * Takes a message's sequence number into account; returns undefined where the message must not count: it came before
 * (SPEC.md 9.3), or from another boot than that of the session (8.8).
 */
export function sequenced(
  twin: Twin,
  { boot, seq }: { boot: number; seq: number },
  now: number,
): Twin | undefined {
  if (twin.ready && boot !== twin.boot) return undefined;
  const { window, verdict } = receive(twin.window, boot, seq);
  if (verdict !== 'new') return undefined;
  return { ...twin, window, missingSince: window.missing > 0 ? (twin.missingSince ?? now) : undefined };
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
