import { evBatch, type BatchDelta, type BatchEvent } from '#firmware-protocol';
import { batchRequest, type BatchRequest } from '#broker/contract/batch.ts';
import { Batches } from '#broker/fleet/batches/batches.ts';
import { createLog } from '#broker/log/log.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { lamp as lampRecord } from '../../store/records.ts';
import { devicesOf, view } from '../selection/views.ts';
import { ShelfCommands } from './shelf-commands.ts';

export const T = 1_800_000_000_000;

export const request = (fields: object = {}): BatchRequest =>
  batchRequest.parse({ selection: { all: true }, set: { on: true }, ...fields });

/** Batches on a bench: a store in memory, lamps as many as the test wants, and the test as their clock. */
export class BatchBench {
  readonly store = new SqliteStore(':memory:');
  readonly commands = new ShelfCommands(this.store);
  readonly devices: ReturnType<typeof devicesOf>;
  readonly events: BatchEvent[] = [];
  batches: Batches;
  now = T;
  #ids = 0;

  private constructor(ids: readonly string[]) {
    this.devices = devicesOf(...ids.map((id) => view(id)));
    this.batches = this.#batches(this.commands);
  }

  static async with(devices: number): Promise<BatchBench> {
    const ids = Array.from({ length: devices }, (_, at) => `d${String(at).padStart(5, '0')}`);
    const bench = new BatchBench(ids);
    await bench.store.createDevices(ids.map((id) => ({ ...lampRecord, id })));
    return bench;
  }

  /** A hub that starts on the same store. */
  async restart(): Promise<ShelfCommands> {
    const commands = new ShelfCommands(this.store);
    this.batches = this.#batches(commands);
    await this.batches.load(this.now);
    return commands;
  }

  async run(after = 0): Promise<number | undefined> {
    this.now += after;
    this.batches.run(this.now);
    await this.batches.idle();
    return this.batches.run(this.now);
  }

  start(fields: object = {}) {
    return this.batches.start(request(fields), '@ada', this.now);
  }

  /** All that consoles were told of a batch. */
  told(id: string): BatchDelta[] {
    return this.events
      .flatMap(({ batches }) => batches)
      .filter((batch) => Buffer.from(batch.id).toString('hex') === id);
  }

  #batches(commands: ShelfCommands): Batches {
    return new Batches(
      {
        store: this.store,
        commands,
        log: createLog('silent'),
        toConsoles: (channel, payload) => {
          if (channel === 'batch') this.events.push(evBatch.decode(payload));
        },
        newId: () => {
          const id = new Uint8Array(8);
          new DataView(id.buffer).setUint32(4, (this.#ids += 1));
          return id;
        },
        wake: () => undefined,
      },
      this.devices,
      () => undefined,
      7,
    );
  }
}
