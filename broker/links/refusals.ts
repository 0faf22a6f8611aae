import { networkOf } from '../config/network.ts';
import type { Log } from '../log/log.ts';

/**
 * Why the hub turns connections away before they are links, and whose doing it is: of one peer, or of all together.
 * Metrics count by these names.
 */
export const REFUSALS = {
  'plain-stranger': 'one',
  'waiting-full': 'all',
  'waiting-full-for-address': 'one',
  'waited-too-long': 'all',
  silent: 'one',
  'tls-timeout': 'one',
  'tls-failed': 'one',
  'half-open-full': 'all',
  'half-open-full-for-address': 'one',
  'request-timeout': 'one',
  'request-malformed': 'one',
  'request-pipelined': 'one',
  'request-stalled': 'one',
  'headers-too-long': 'one',
  'wrong-path': 'one',
  'foreign-origin': 'one',
  'handshake-malformed': 'one',
  'no-subprotocol': 'one',
  'links-full': 'all',
  'links-full-for-address': 'one',
  'admission-rate': 'all',
  'admission-rate-for-address': 'one',
  'shutting-down': 'all',
} as const satisfies Record<string, 'one' | 'all'>;

export type RefusalCause = keyof typeof REFUSALS;

/** Keeps count of refusals, and tells the log of some. */
export class Refusals {
  readonly #log: Pick<Log, 'warnLimited'>;
  readonly #counts = new Map<RefusalCause, number>();

  constructor(log: Pick<Log, 'warnLimited'>) {
    this.#log = log;
  }

  /** How many there were of each cause that there was. */
  get counts(): ReadonlyMap<RefusalCause, number> {
    return this.#counts;
  }

  /** @param line what the log says, which limits how often it says so */
  note(cause: RefusalCause, address: string, line: string): void {
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + 1);
    // A fleet has as many addresses as devices: what befalls all of them is one kind of line.
    this.#log.warnLimited(REFUSALS[cause] === 'all' ? cause : `${cause}:${networkOf(address)}`, line);
  }
}
