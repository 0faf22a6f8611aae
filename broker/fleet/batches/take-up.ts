import { BATCH, COMMAND, isOver, rqCmd, rqDesired } from '#firmware-protocol';
import type { Log } from '../../log/log.ts';
import type { BatchRecord, CommandRecord, CommandStore } from '../../store/commands.ts';
import { Batch } from './batch.ts';
import { MOST_DEVICES } from './plan.ts';
import type { Order } from './ports.ts';
import { understood } from './stored-batches.ts';

const OVER = Object.values(COMMAND).filter(isOver);

/**
 * The latest batches, and earlier ones with commands that are not over, as a hub before this one left them; the
 * oldest first. One that cannot be understood is left out, and said.
 */
export async function takeUp(store: CommandStore, latest: number, log: Log): Promise<Batch[]> {
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
  const left: Batch[] = [];
  for (const record of [...records.values()].sort((a, b) => a.createdAt - b.createdAt)) {
    try {
      const commands = open.get(record.id) ?? [];
      const batch = await asItStood(store, record, commands);
      for (const { device, st } of commands) batch.step({ device, from: undefined, st });
      left.push(batch);
    } catch (error) {
      log.error(`the batch "${record.name}" (${record.id}) is not taken up`, error);
    }
  }
  return left;
}

/** A batch that is stored and was not begun, and what it asks for. */
export interface Unbegun {
  readonly batch: Batch;
  readonly orders: readonly Order[];
}

/**
 * A batch whose start was stored although the store could not say so.
 * @throws RequestFault where it cannot be understood
 */
export async function unbegun(store: CommandStore, record: BatchRecord): Promise<Unbegun | undefined> {
  if (record.st !== BATCH.running) return undefined;
  const commands = await store.batchCommands({ batch: record.id, limit: MOST_DEVICES });
  const waiting = commands.filter(isUnreleased);
  return { batch: await asItStood(store, record, waiting), orders: waiting.map(orderOf) };
}

/** Its commands that are not over are still to take their steps. */
async function asItStood(
  store: CommandStore,
  record: BatchRecord,
  open: readonly CommandRecord[],
): Promise<Batch> {
  const { fields, stage } = understood(record);
  const tally = await store.tally(record.id);
  const devices = tally.reduce((sum, { n }) => sum + n, 0);
  const batch = new Batch(
    fields,
    devices,
    open.filter(isUnreleased).map(({ device }) => device),
    stage,
  );
  for (const { st, n } of tally) if (isOver(st)) batch.took(st, n);
  return batch;
}

/** A command has an end, and a wish a document that holds it, once its turn has come. */
const isUnreleased = ({ st, exp, wver }: CommandRecord): boolean =>
  st === COMMAND.created && exp === null && wver === null;

const orderOf = ({ device, wish, request }: CommandRecord): Order =>
  wish ? { device, wish: rqDesired.decode(request) } : { device, request: rqCmd.decode(request) };
