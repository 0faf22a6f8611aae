import type { BatchRecord } from '../../store/commands.ts';
import type { BatchStep, CommandsForBatches, Order, Patience } from '../batches/ports.ts';
import type { FleetPorts } from '../ports.ts';
import { createCommand } from './command.ts';
import { toRecord, type Asked } from './command-record.ts';
import type { Commands } from './commands.ts';
import type { Ledger } from './ledger.ts';
import { isOpen, type Asker } from './life.ts';
import { createWish, refusedWish } from './wish.ts';
import type { Wishes } from './wishes.ts';

/** What a batch has under way with one device. */
interface Open {
  readonly id: string;
  st: number;
}

/** Commands and wishes of batches: stored at once, and let go one by one when the batch says so. */
export class Orders implements CommandsForBatches {
  readonly #ports: FleetPorts;
  readonly #ledger: Ledger;
  readonly #commands: Commands;
  readonly #wishes: Wishes;
  /** What is not over, by batch and device. */
  readonly #open = new Map<string, Map<string, Open>>();
  readonly #listeners: ((step: BatchStep) => void)[] = [];

  constructor(ports: FleetPorts, ledger: Ledger, commands: Commands, wishes: Wishes) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#commands = commands;
    this.#wishes = wishes;
    ledger.onStored((asked) => this.#took(asked));
  }

  /** Takes up what was open when the hub stopped. */
  resume(asked: Asked): void {
    this.#keep(asked);
  }

  async begin(batch: BatchRecord, orders: readonly Order[], who: string, now: number): Promise<void> {
    const all = orders.map((order) => create(order, { who, batch: batch.id }, now));
    await this.#ports.store.saveProgress({ commands: all.map(toRecord), batches: [batch] });
    for (const asked of all) {
      this.#ledger.stands(asked);
      if (!isOpen(asked)) continue;
      if (asked.kind === 'command') this.#commands.hold(asked);
      else this.#wishes.hold(asked);
    }
    this.#ledger.tell(all, now);
    for (const asked of all) this.#tellBatch(asked, undefined);
  }

  release(batch: string, devices: readonly string[], patience: Patience, now: number): void {
    const open = this.#open.get(batch);
    for (const device of devices) {
      const id = open?.get(device)?.id;
      if (id === undefined) continue;
      this.#commands.release(device, id, now);
      this.#wishes.release(device, id, patience, now);
    }
  }

  withdraw(batch: string, msg: string, now: number): void {
    for (const [device, { id }] of this.#open.get(batch) ?? []) {
      this.#commands.withdraw(device, id, msg, now);
      this.#wishes.withdraw(device, id, msg, now);
    }
  }

  /** Lets go of all that was asked of a device. */
  forget(device: string): void {
    for (const [batch, open] of this.#open) {
      open.delete(device);
      if (open.size === 0) this.#open.delete(batch);
    }
  }

  onStep(listener: (step: BatchStep) => void): void {
    this.#listeners.push(listener);
  }

  #took(asked: Asked): void {
    const { batch, device, st, steps } = asked;
    if (batch === undefined) return;
    const open = this.#open.get(batch)?.get(device);
    // One that was over already was answered late: its last step but one says how it had ended.
    const from = open ? open.st : steps.at(-2)?.st;
    if (from !== st) this.#tellBatch(asked, from);
  }

  #tellBatch(asked: Asked, from: number | undefined): void {
    const { batch, device, id, st, t } = asked;
    if (batch === undefined) return;
    this.#keep(asked);
    for (const listener of this.#listeners) listener({ batch, device, id, from, st, t });
  }

  #keep(asked: Asked): void {
    const { batch, device, id, st } = asked;
    if (batch === undefined) return;
    const open = this.#open.get(batch) ?? new Map<string, Open>();
    if (isOpen(asked)) open.set(device, { id, st });
    else open.delete(device);
    if (open.size > 0) this.#open.set(batch, open);
    else this.#open.delete(batch);
  }
}

function create(order: Order, { who, batch }: Pick<Asker, 'who' | 'batch'>, now: number): Asked {
  const asker = (id: Uint8Array): Asker => ({ device: order.device, id, who, batch });
  if ('request' in order) return createCommand(asker(order.request.id), order.request, now, false);
  if ('wish' in order) return createWish(asker(order.wish.id), order.wish, now);
  // What the device does not know has no form on the wire.
  const unsaid = { id: order.id, vals: new Map() };
  return refusedWish(createWish(asker(order.id), unsaid, now), order.refusal, now);
}
