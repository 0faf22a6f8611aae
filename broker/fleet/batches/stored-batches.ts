import type { ListedBatch, ToldBatch } from '../../contract/batch.ts';
import type { BatchRecord, CommandStore } from '../../store/commands.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import { fromRecord, listedBatch, toldBatch } from './batch-record.ts';

/**
 * What the store knows of a batch, or undefined where there is none.
 * @throws RequestFault where it cannot be understood
 */
export async function storedBatch(store: CommandStore, id: string): Promise<ToldBatch | undefined> {
  const record = await store.batch(id);
  if (!record) return undefined;
  const { fields, stage } = understood(record);
  return toldBatch(fields, stage, await tallyOf(store, id));
}

/** A batch in a list, or undefined where it cannot be understood. @param record with its request in short */
export async function storedInShort(
  store: CommandStore,
  record: BatchRecord,
): Promise<ListedBatch | undefined> {
  const tally = await tallyOf(store, record.id);
  try {
    return listedBatch(record, tally);
  } catch {
    return undefined;
  }
}

/** What is stored of a batch. @throws RequestFault where it cannot be understood */
export function understood(record: BatchRecord): ReturnType<typeof fromRecord> {
  try {
    return fromRecord(record);
  } catch {
    const msg = `what is stored of the batch ${record.id} cannot be understood by this version of the hub`;
    throw new RequestFault('conflict', msg);
  }
}

async function tallyOf(store: CommandStore, id: string): Promise<number[]> {
  const tally: number[] = [];
  for (const { st, n } of await store.tally(id)) tally[st] = n;
  return Array.from(tally, (n) => n ?? 0);
}
