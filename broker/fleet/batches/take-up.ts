import { COMMAND, isOver } from '#firmware-protocol';
import type { CommandRecord, CommandStore } from '../../store/commands.ts';
import { Batch } from './batch.ts';
import { fromRecord } from './batch-record.ts';

const OVER = Object.values(COMMAND).filter(isOver);

/** A batch as a hub before this one left it. */
export interface LeftBatch {
  readonly batch: Batch;
  /** How many of its commands had not had their turn. */
  readonly unreleased: number;
}

/** The latest batches, and earlier ones with commands that are not over, as they are stored; the oldest first. */
export async function takeUp(store: CommandStore, latest: number): Promise<LeftBatch[]> {
  const open = new Map<string, CommandRecord[]>();
  for (const command of await store.commandsNotIn(OVER)) {
    if (command.batch === null) continue;
    const commands = open.get(command.batch);
    if (commands) commands.push(command);
    else open.set(command.batch, [command]);
  }
  const records = new Map((await store.batches({ limit: latest })).map((record) => [record.id, record]));
  for (const id of open.keys()) {
    const record = records.has(id) ? undefined : await store.batch(id);
    if (record) records.set(id, record);
  }
  const left: LeftBatch[] = [];
  for (const record of [...records.values()].sort((a, b) => a.createdAt - b.createdAt)) {
    const { fields, stage } = fromRecord(record);
    const commands = open.get(record.id) ?? [];
    const tally = await store.tally(record.id);
    const devices = tally.reduce((sum, { n }) => sum + n, 0);
    const queue = commands.filter(isUnreleased).map(({ device }) => device);
    const batch = new Batch(fields, devices, queue, stage);
    for (const { st, n } of tally) if (isOver(st)) batch.took(st, n);
    for (const { device, st } of commands) batch.step({ device, from: undefined, st });
    left.push({ batch, unreleased: queue.length });
  }
  return left;
}

/** A command has an end, and a wish a document that holds it, once its turn has come. */
const isUnreleased = ({ st, exp, wver }: CommandRecord): boolean =>
  st === COMMAND.created && exp === null && wver === null;
