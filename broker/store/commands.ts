import type { AuditRecord } from './journal.ts';
import type { TwinRecord } from './twins.ts';

/** Commands, wishes for desired state, and the batches that some of them belong to. */

export interface CommandRecord {
  readonly device: string;
  /** Eight bytes in hex: the idempotency key, unique for its device. */
  readonly id: string;
  readonly who: string;
  /** The batch that it belongs to, in hex. */
  readonly batch: string | null;
  /** The request as it was received: payload of `rq/cmd`, or of `rq/desired` where it is a wish. */
  readonly request: Uint8Array;
  readonly wish: 0 | 1;
  readonly st: number;
  /** When this step happened. */
  readonly t: number;
  readonly createdAt: number;
  /** When its time is up. Null for a wish, and for a command of a batch whose turn has not come. */
  readonly exp: number | null;
  readonly sentAt: number | null;
  /** The boot of the device to which it was sent. */
  readonly boot: number | null;
  /** Version of the desired document that holds a wish. */
  readonly wver: number | null;
  readonly code: number | null;
  readonly msg: string | null;
  readonly pct: number | null;
  /** What the device reported with its answer, as a `stateRecord`, and the version of its state. */
  readonly reported: Uint8Array | null;
  readonly ver: number | null;
  /** Each step so far, oldest first: JSON of `[st, t, code?, msg?]`. */
  readonly steps: string;
}

export interface BatchRecord {
  /** Eight bytes in hex. */
  readonly id: string;
  readonly who: string;
  readonly name: string;
  /** What was asked for, as the JSON of a `batchRequest` of the contract. */
  readonly request: string;
  readonly st: number;
  readonly t: number;
  readonly createdAt: number;
  readonly msg: string | null;
}

/** Which commands to list. */
export interface CommandQuery {
  readonly device?: string;
  /** Only those that were created before then, */
  readonly before?: number;
  /** or that come after this one in the list. */
  readonly after?: Pick<CommandRecord, 'device' | 'id' | 'createdAt'>;
  readonly limit: number;
}

/** Which commands of a batch to list. */
export interface BatchCommandQuery {
  readonly batch: string;
  /** Only those of devices after this one. */
  readonly after?: string;
  /** Only those in this state. */
  readonly st?: number;
  readonly limit: number;
}

/** Steps of a command, a wish or a batch together with the twins that they change, and with who asked for them. */
export interface Progress {
  readonly commands: readonly CommandRecord[];
  readonly batches?: readonly BatchRecord[];
  readonly twins?: readonly TwinRecord[];
  readonly audit?: readonly AuditRecord[];
}

export interface CommandStore {
  /** Commands whose state is none of those given, in the order in which they came, whatever the clock said. */
  commandsNotIn(states: readonly number[]): Promise<CommandRecord[]>;
  /** Wishes in a state that a document holds, in the order in which they came, whatever the clock said. */
  wishesIn(state: number): Promise<CommandRecord[]>;
  command(device: string, id: string): Promise<CommandRecord | undefined>;
  /** The latest ones first. */
  commands(query: CommandQuery): Promise<CommandRecord[]>;
  /** By device. */
  batchCommands(query: BatchCommandQuery): Promise<CommandRecord[]>;
  /** Stores all of this at once or nothing of it. What belongs to a device that was removed is left out. */
  saveProgress(progress: Progress): Promise<void>;

  batch(id: string): Promise<BatchRecord | undefined>;
  /** The latest ones first. */
  batches(query: { readonly before?: number; readonly limit: number }): Promise<BatchRecord[]>;
  /** The same; where a request selects devices by their ids, it has how many in their place. */
  batchesInShort(query: { readonly before?: number; readonly limit: number }): Promise<BatchRecord[]>;
  /** How many commands of a batch are in each state. */
  tally(batch: string): Promise<{ readonly st: number; readonly n: number }[]>;
}
