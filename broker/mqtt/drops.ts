/**
 * Why a message did not go to somebody who had subscribed to it: too much waited for their link, more waited for them
 * than may, they may not have it; or to nobody, because its payload is not what its topic demands.
 */
export const DROP_CAUSES = ['congested', 'queue-full', 'not-allowed', 'bad-payload'] as const;

export type DropCause = (typeof DROP_CAUSES)[number];

/** How many messages were dropped since the start, once for each client that did not get one. */
export class Drops {
  readonly #counts = new Map<DropCause, number>(DROP_CAUSES.map((cause) => [cause, 0]));

  count(cause: DropCause, messages = 1): void {
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + messages);
  }

  get counts(): ReadonlyMap<DropCause, number> {
    return this.#counts;
  }
}
