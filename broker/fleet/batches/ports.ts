import type { CommandRequest, DesiredRequest, FeedChannel } from '#firmware-protocol';
import type { Log } from '../../log/log.ts';
import type { BatchRecord, CommandStore } from '../../store/commands.ts';

/** What a batch asks of one device, or why it cannot be. */
export type Order =
  | { readonly device: string; readonly request: CommandRequest }
  | { readonly device: string; readonly wish: DesiredRequest }
  | {
      readonly device: string;
      readonly id: Uint8Array;
      readonly refusal: { readonly code: number; readonly msg: string };
    };

/** A stored step of a command that belongs to a batch. Its first one comes from nowhere. */
export interface BatchStep {
  readonly batch: string;
  readonly device: string;
  readonly id: string;
  readonly from: number | undefined;
  readonly st: number;
  readonly t: number;
}

/** How long each command may live once its turn has come, in ms, and whether it may wait for a device that is away. */
export interface Patience {
  readonly ttl: number;
  readonly wait: boolean;
}

/** What batches need of those who carry commands out. Times are Unix ms. */
export interface CommandsForBatches {
  /**
   * Stores a batch with all its commands in one transaction and tells them. They wait as created, without an end,
   * until `release`. Listeners have heard the first step of each before this resolves. Rejects with a StoreError
   * where nothing was stored.
   */
  begin(batch: BatchRecord, orders: readonly Order[], who: string, now: number): Promise<void>;
  /**
   * The turn of these devices has come: their commands go out, or wait for them, or are refused.
   */
  release(batch: string, devices: readonly string[], patience: Patience, now: number): void;
  /** Ends all of its commands that have not been sent. */
  withdraw(batch: string, msg: string, now: number): void;
  onStep(listener: (step: BatchStep) => void): void;
}

/** What batches need of the world. */
export interface BatchPorts {
  readonly store: CommandStore;
  readonly commands: CommandsForBatches;
  readonly log: Log;
  toConsoles(channel: FeedChannel, payload: Uint8Array): void;
  /** Eight bytes that nobody had before. */
  newId(): Uint8Array;
  /** Asks for `run` to be called once this turn of the event loop is over. */
  wake(): void;
}
