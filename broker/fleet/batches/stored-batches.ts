import type { ToldBatch } from '../../contract/batch.ts';
import type { CommandRecord, CommandStore } from '../../store/commands.ts';
import { fromRecord, toldBatch } from './batch-record.ts';
import { MOST_DEVICES } from './plan.ts';

/** What the store knows of a batch, or undefined where there is none. */
export async function storedBatch(store: CommandStore, id: string): Promise<ToldBatch | undefined> {
  const record = await store.batch(id);
  if (!record) return undefined;
  const { fields, stage } = fromRecord(record);
  const tally: number[] = [];
  for (const { st, n } of await store.tally(id)) tally[st] = n;
  return toldBatch(
    fields,
    stage,
    Array.from(tally, (n) => n ?? 0),
  );
}

/** All commands of a batch, by device. */
export async function storedCommands(store: CommandStore, batch: string): Promise<CommandRecord[]> {
  const commands = await store.commands({ batch, limit: MOST_DEVICES });
  return commands.sort((a, b) => (a.device < b.device ? -1 : 1));
}
