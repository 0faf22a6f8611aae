import { BATCH, COMMAND, isOver } from '#firmware-protocol';
import type { BatchRequest, ListedBatch, ToldBatch } from '../../contract/batch.ts';
import type { BatchRecord, CommandRecord } from '../../store/commands.ts';
import { StoreError } from '../../store/store-error.ts';
import { earliest } from '../earliest.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import { standingOf, type Devices, type Standing } from '../selection/device-view.ts';
import type { GroupLookup } from '../selection/select.ts';
import { Batch, type BatchFields, type BatchStage } from './batch.ts';
import { BatchFeed } from './batch-feed.ts';
import { inShort, nameOf, shortened, toldBatch, toRecord } from './batch-record.ts';
import { MOST_DEVICES, planOf } from './plan.ts';
import type { BatchPorts, Order } from './ports.ts';
import { storedBatch, storedInShort } from './stored-batches.ts';
import { takeUp, unbegun } from './take-up.ts';

/** Batches that are kept at hand when they are over, and told to a console that comes. */
const AT_HAND = 20;
/** How soon an end that could not be stored is tried again, in ms. */
const TRY_AGAIN = 1_000;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** All batches: starts them, gives devices their turns, stores how they end, and tells consoles. */
export class Batches {
  readonly #ports: BatchPorts;
  readonly #devices: Devices;
  readonly #group: GroupLookup;
  readonly #feed: BatchFeed;
  /** Those that go on and the latest others, oldest first. */
  readonly #batches = new Map<string, Batch>();
  readonly #running = new Set<Batch>();
  /** Those that are being stored for the first time. */
  readonly #starting = new Map<string, { readonly batch: Batch; readonly stored: Promise<void> }>();
  /** Those whose end is on its way to the store. */
  readonly #settling = new Map<Batch, Promise<void>>();
  /** When an end could not be stored. */
  #failedAt: number | undefined;

  /** @param boot names this run of the hub, as a u32 */
  constructor(ports: BatchPorts, devices: Devices, group: GroupLookup, boot: number) {
    this.#ports = ports;
    this.#devices = devices;
    this.#group = group;
    this.#feed = new BatchFeed(boot);
    ports.commands.onStep((step) => {
      const batch = this.#batches.get(step.batch) ?? this.#starting.get(step.batch)?.batch;
      if (!batch) return;
      batch.step(step);
      if (this.#batches.has(step.batch)) this.#feed.change(batch);
      ports.wake();
    });
  }

  /** Takes up the batches that were under way when the hub stopped. To be called once commands are taken up. */
  async load(now: number): Promise<void> {
    for (const batch of await takeUp(this.#ports.store, AT_HAND, this.#ports.log)) {
      this.#keep(batch);
      if (!batch.running && !batch.over) this.#withdraw(batch, now);
    }
    this.#ports.wake();
  }

  /**
   * Starts a batch. Asking again with the same id changes nothing, and tells of the batch that there is.
   * @throws RequestFault where it is for nobody, for too many, or its id is of another batch
   * @throws StoreError where it could not be stored; nothing was sent then
   */
  async start({ id: asked, ...order }: BatchRequest, who: string, now: number): Promise<ToldBatch> {
    const id = asked ?? hex(this.#ports.newId());
    const record = await this.#ports.store.batch(id);
    // Looked up last: the same request may have been taken while the store was asked.
    const starting = this.#starting.get(id);
    const batch = starting?.batch ?? this.#batches.get(id);
    const request = batch ? JSON.stringify(batch.fields.order) : record?.request;
    if (request !== undefined) {
      if (request !== JSON.stringify(order)) {
        throw new RequestFault('conflict', `id: ${id} is the id of another batch`);
      }
      await starting?.stored;
      await this.#isThere(id);
      return this.get(id);
    }
    const { orders, queue } = planOf(order, this.#devices, this.#group, () => this.#ports.newId());
    const fields: BatchFields = { id, who, name: order.name ?? nameOf(order), order, createdAt: now };
    try {
      return await this.#begin(new Batch(fields, orders.length, queue), orders, now);
    } catch (error) {
      // It may have been stored nevertheless.
      const unheard = error instanceof StoreError && error.kind === 'gone';
      if (unheard && (await this.#isThere(id))) return this.get(id);
      throw error;
    }
  }

  /**
   * Starts a batch of the same for those devices of another whose commands did not end in done.
   * @param id of the new batch, in hex, which makes asking twice harmless
   * @throws RequestFault where there is no such batch, it goes on, or nobody is left; StoreError as for `start`
   */
  async retry(batch: string, id: string | undefined, who: string, now: number): Promise<ToldBatch> {
    if (id !== undefined && (await this.#isThere(id))) return this.get(id);
    const told = await this.get(batch);
    if (told.state === 'running') {
      throw new RequestFault('conflict', 'the batch goes on: cancel it, or wait until it is over');
    }
    const commands = await this.commands(batch, { limit: MOST_DEVICES });
    const open = commands.filter(({ st }) => !isOver(st)).length;
    if (open > 0) {
      const msg = `${open} of its commands are not over, and would be done twice: wait until they are`;
      throw new RequestFault('conflict', msg);
    }
    const ids = commands
      .filter(({ st }) => st !== COMMAND.done)
      .map(({ device }) => device)
      .filter((device) => this.#devices.device(device));
    if (ids.length === 0) throw new RequestFault('conflict', 'every device of the batch has done it');
    const name = shortened(`${told.name} (again)`);
    return this.start({ ...told.request, name, selection: { ids }, id }, who, now);
  }

  /**
   * Ends a batch: what has not been sent is withdrawn, and what was sent goes on. One that is over stays as it is.
   * @throws RequestFault where there is none, StoreError where its end could not be stored
   */
  async cancel(id: string, who: string, now: number): Promise<ToldBatch> {
    await this.#isThere(id);
    const batch = this.#batches.get(id);
    if (batch) await this.#settling.get(batch);
    if (batch?.running)
      await this.#settle(batch, { st: BATCH.cancelled, t: now, msg: `cancelled by ${who}` });
    return this.get(id);
  }

  /** @throws RequestFault where there is none */
  async get(id: string): Promise<ToldBatch> {
    const batch = this.#batches.get(id);
    if (batch) return this.#tell(batch);
    const stored = await storedBatch(this.#ports.store, id);
    if (!stored) throw noBatch(id);
    return stored;
  }

  /** Whether there is a batch of this id. */
  async has(id: string): Promise<boolean> {
    return this.#batches.has(id) || (await this.#ports.store.batch(id)) !== undefined;
  }

  /** The latest ones first. @param query.before only those that were created before then, in Unix ms */
  async list(query: { readonly before?: number; readonly limit: number }): Promise<ListedBatch[]> {
    const records = await this.#ports.store.batchesInShort(query);
    const told = await Promise.all(records.map((record) => this.#list(record)));
    return told.filter((each) => each !== undefined);
  }

  /**
   * The commands of a batch, by device.
   * @param page.after only those of devices after this one, `page.st` only those in this state of `COMMAND`
   * @throws RequestFault where there is no such batch
   */
  async commands(
    id: string,
    page: { readonly after?: string; readonly st?: number; readonly limit: number },
  ): Promise<CommandRecord[]> {
    if (!(await this.has(id))) throw noBatch(id);
    return this.#ports.store.batchCommands({ ...page, batch: id });
  }

  /** A device was removed, with all that was kept of it. */
  removed(device: string): void {
    for (const batch of this.#batches.values()) {
      if (batch.over) continue;
      batch.removed(device);
      this.#feed.change(batch);
    }
    this.#ports.wake();
  }

  /** Payloads that tell one console of the batches that go on and of the latest others. */
  snapshot(now: number): Uint8Array[] {
    return this.#feed.snapshot([...this.#batches.values()], now);
  }

  /** Does all that is due. Returns when to be called next, in Unix ms, or undefined. */
  run(now: number): number | undefined {
    this.#settleAll(now);
    for (const batch of this.#running) {
      if (this.#settling.has(batch)) continue;
      const turn = batch.release(this.#standingOf, now);
      if (turn.length > 0) this.#ports.commands.release(batch.fields.id, turn, batch.fields.order, now);
    }
    for (let payload = this.#feed.flush(now); payload; payload = this.#feed.flush(now)) {
      this.#ports.toConsoles('batch', payload);
    }
    const turns = [...this.#running].map((batch) => batch.dueAt());
    const again = this.#failedAt === undefined ? undefined : this.#failedAt + TRY_AGAIN;
    return earliest([...turns, this.#feed.dueAt(), again]);
  }

  /** Waits for what is on its way to the store. */
  async idle(): Promise<void> {
    await Promise.all(this.#settling.values());
  }

  async #begin(batch: Batch, orders: readonly Order[], now: number): Promise<ToldBatch> {
    const { id, who } = batch.fields;
    // Its first steps may be told before `begin` has returned.
    const begun = Promise.withResolvers<void>();
    this.#starting.set(id, { batch, stored: begun.promise });
    begun.resolve(this.#ports.commands.begin(toRecord(batch.fields, batch.stage), orders, who, now));
    try {
      await begun.promise;
    } finally {
      this.#starting.delete(id);
    }
    this.#keep(batch);
    this.#feed.change(batch);
    this.#ports.wake();
    return this.#tell(batch);
  }

  /** Whether there is a batch of this id. One that is stored although its start was told to have failed begins. */
  async #isThere(id: string): Promise<boolean> {
    await this.#starting.get(id)?.stored.catch(() => undefined);
    if (this.#batches.has(id)) return true;
    const record = await this.#ports.store.batch(id);
    const left = record && (await unbegun(this.#ports.store, record));
    // The same may have been asked for while the store was.
    const starting = this.#starting.get(id);
    if (starting) await starting.stored;
    else if (left && !this.#batches.has(id)) await this.#begin(left.batch, left.orders, record.createdAt);
    return record !== undefined;
  }

  readonly #standingOf = (id: string): Standing => {
    const device = this.#devices.device(id);
    return device ? standingOf(device) : 'away';
  };

  #settleAll(now: number): void {
    const since = now - (this.#failedAt ?? -Infinity);
    // Where the clock was set back, it would be tried after all that time again.
    if (since >= 0 && since < TRY_AGAIN) return;
    this.#failedAt = undefined;
    for (const batch of this.#running) {
      const verdict = this.#settling.has(batch) ? undefined : batch.verdict(now);
      if (!verdict) continue;
      this.#settle(batch, verdict).catch((error: unknown) => {
        this.#failedAt = now;
        this.#ports.log.error(`the end of the batch ${batch.fields.id} could not be stored`, error);
      });
    }
  }

  /** Ends a batch, once: its end is stored before it is told, and before anything is withdrawn. */
  #settle(batch: Batch, stage: BatchStage): Promise<void> {
    const settled = this.#storeEnd(batch, stage);
    const done = (): void => {
      this.#settling.delete(batch);
      this.#ports.wake();
    };
    this.#settling.set(batch, settled.then(done, done));
    return settled;
  }

  async #storeEnd(batch: Batch, stage: BatchStage): Promise<void> {
    await this.#ports.store.saveProgress({ commands: [], batches: [toRecord(batch.fields, stage)] });
    batch.settle(stage);
    this.#running.delete(batch);
    this.#feed.change(batch);
    if (!batch.over) this.#withdraw(batch, stage.t);
    this.#forgetOld();
  }

  #withdraw({ fields: { id }, stage }: Batch, now: number): void {
    this.#ports.commands.withdraw(id, `the batch was ended: ${stage.msg ?? ''}`, now);
  }

  #keep(batch: Batch): void {
    this.#batches.set(batch.fields.id, batch);
    if (batch.running) this.#running.add(batch);
    this.#forgetOld();
  }

  #forgetOld(): void {
    let surplus = this.#batches.size - AT_HAND;
    for (const [id, batch] of this.#batches) {
      if (surplus <= 0) return;
      if (batch.running || !batch.over) continue;
      this.#batches.delete(id);
      surplus -= 1;
    }
  }

  async #list(record: BatchRecord): Promise<ListedBatch | undefined> {
    const batch = this.#batches.get(record.id);
    return batch ? inShort(this.#tell(batch)) : storedInShort(this.#ports.store, record);
  }

  #tell({ fields, stage, tally }: Batch): ToldBatch {
    return toldBatch(fields, stage, tally);
  }
}

const noBatch = (id: string): RequestFault => new RequestFault('notFound', `there is no batch ${id}`);
