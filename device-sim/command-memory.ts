import { ACK, type Ack } from '#firmware-protocol';

/** What a device has to say on a command, whenever and however often it says it. */
export type CommandResult = Omit<Ack, 'boot' | 'seq' | 't'>;

/** How many results a device keeps (SPEC.md 11.2). */
const KEPT = 16;

const nameOf = (id: Uint8Array): string => Buffer.from(id).toString('hex');

const isOver = ({ st }: CommandResult): boolean => st !== ACK.accepted && st !== ACK.progress;

/**
 * What a device said of the command that goes on and of the latest ones that are over, so that a command that
 * comes again is answered and not run again. At most one command goes on at a time.
 */
export class CommandMemory {
  readonly #results = new Map<string, CommandResult>();
  #running: CommandResult | undefined;

  /** The command that goes on, as last told. */
  get running(): CommandResult | undefined {
    return this.#running;
  }

  /** The latest word on a command, by its id. */
  recall(id: Uint8Array): CommandResult | undefined {
    return this.#isRunning(id) ? this.#running : this.#results.get(nameOf(id));
  }

  remember(result: CommandResult): void {
    if (!isOver(result)) {
      this.#running = result;
      return;
    }
    if (this.#isRunning(result.id)) this.#running = undefined;
    this.#results.set(nameOf(result.id), result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > KEPT) this.#results.delete(oldest as string);
  }

  #isRunning(id: Uint8Array): boolean {
    return this.#running !== undefined && Buffer.compare(this.#running.id, id) === 0;
  }
}
