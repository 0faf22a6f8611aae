import { COMMAND, rqCmd, rqDesired } from '#firmware-protocol';
import type { BatchStep, CommandsForBatches, Order } from '#broker/fleet/batches/ports.ts';
import type { BatchRecord, CommandRecord } from '#broker/store/commands.ts';
import type { Store } from '#broker/store/store.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Carries out commands of batches on the store alone, when and as a test says: no devices, no time. */
export class ShelfCommands implements CommandsForBatches {
  readonly released: string[] = [];
  readonly #store: Store;
  #listener: (step: BatchStep) => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  async begin(batch: BatchRecord, orders: readonly Order[], who: string, now: number): Promise<void> {
    const commands = orders.map((order) => toRecord(batch.id, order, who, now));
    await this.#store.saveProgress({ batches: [batch], commands });
    for (const command of commands) this.#tell(command, undefined);
  }

  release(_batch: string, devices: readonly string[]): void {
    this.released.push(...devices);
  }

  withdraw(batch: string, msg: string, now: number): void {
    this.withdrawals.push(
      this.#store.batchCommands({ batch, limit: 20_000 }).then(async (commands) => {
        for (const command of commands.filter(({ st }) => st === COMMAND.created)) {
          await this.#save({ ...command, st: COMMAND.cancelled, msg, t: now }, command.st);
        }
      }),
    );
  }
  /** Withdrawals that a test waits for. */
  readonly withdrawals: Promise<void>[] = [];

  onStep(listener: (step: BatchStep) => void): void {
    this.#listener = listener;
  }

  /** A command of a batch takes a step. */
  async step(batch: string, device: string, st: number, t: number): Promise<void> {
    const commands = await this.#store.batchCommands({ batch, limit: 20_000 });
    const command = commands.find((candidate) => candidate.device === device);
    if (!command) throw new Error(`${batch} has no command for ${device}`);
    const exp = command.exp ?? t + 10_000;
    await this.#save({ ...command, st, t, exp }, command.st);
  }

  async #save(command: CommandRecord, from: number): Promise<void> {
    await this.#store.saveProgress({ commands: [command] });
    this.#tell(command, from);
  }

  #tell({ batch, device, id, st, t }: CommandRecord, from: number | undefined): void {
    this.#listener({ batch: batch ?? '', device, id, from, st, t });
  }
}

function toRecord(batch: string, order: Order, who: string, now: number): CommandRecord {
  const refusal = 'refusal' in order ? order.refusal : undefined;
  const id = 'wish' in order ? order.wish.id : 'request' in order ? order.request.id : order.id;
  const request =
    'wish' in order
      ? rqDesired.encode(order.wish)
      : 'request' in order
        ? rqCmd.encode(order.request)
        : new Uint8Array();
  const st = refusal ? COMMAND.rejected : COMMAND.created;
  return {
    device: order.device,
    id: hex(id),
    who,
    batch,
    request,
    wish: 'wish' in order ? 1 : 0,
    st,
    t: now,
    createdAt: now,
    exp: null,
    sentAt: null,
    boot: null,
    wver: null,
    code: refusal?.code ?? null,
    msg: refusal?.msg ?? null,
    pct: null,
    reported: null,
    ver: null,
    steps: JSON.stringify([[st, now]]),
  };
}
