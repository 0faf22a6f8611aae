import {
  ack,
  state,
  status,
  STATUS,
  tele,
  type State,
  type UpChannel,
  type Values,
} from '#firmware-protocol';
import type { CommandResult } from './command-memory.ts';
import type { HubClock } from './hub-clock.ts';

/** A message that is ready to be sent. */
export interface Publication {
  readonly do: 'publish';
  readonly channel: UpChannel;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/**
 * What a device sends, stamped with hub time and numbered as SPEC.md 9.2 asks: to be called only for what
 * is sent at once, since a number that is skipped counts as a message lost.
 */
export class Upstream {
  readonly #boot: number;
  readonly #clock: HubClock;
  #sess = 0;
  #seq = 0;

  /** @param boot names this run of the device: a u32 that differs from run to run */
  constructor(boot: number, clock: HubClock) {
    this.#boot = boot;
    this.#clock = clock;
  }

  /** Counts a new connection, and says what its will is. */
  nextWill(): Uint8Array {
    this.#sess += 1;
    return status.encode({ boot: this.#boot, st: STATUS.lost, sess: this.#sess });
  }

  status(st: number, dhash: Uint8Array): Publication {
    const payload = status.encode({ boot: this.#boot, seq: this.#next(), st, sess: this.#sess, dhash });
    return { do: 'publish', channel: 'status', payload, qos: 1, retain: true };
  }

  /** A description has no number: it says what a device is, not what happened. */
  desc(payload: Uint8Array): Publication {
    return { do: 'publish', channel: 'desc', payload, qos: 1, retain: true };
  }

  state(now: number, fields: Omit<State, 'boot' | 'seq' | 't'>): Publication {
    const payload = state.encode({ ...this.#heading(now), ...fields });
    return { do: 'publish', channel: 'state', payload, qos: 1, retain: true };
  }

  tele(now: number, vals: Values): Publication {
    const payload = tele.encode({ ...this.#heading(now), vals });
    return { do: 'publish', channel: 'tele', payload, qos: 0, retain: false };
  }

  ack(now: number, result: CommandResult): Publication {
    const payload = ack.encode({ ...this.#heading(now), ...result });
    return { do: 'publish', channel: 'ack', payload, qos: 1, retain: false };
  }

  #heading(now: number): { boot: number; seq: number; t: number } {
    return { boot: this.#boot, seq: this.#next(), t: this.#clock.stamp(now) };
  }

  #next(): number {
    this.#seq = (this.#seq + 1) >>> 0;
    return this.#seq;
  }
}
