import type { Description } from '#firmware-protocol';
import { batchOrder, type ToldCommand } from '../../contract/batch.ts';
import type { BatchRecord, CommandRecord, CommandStore } from '../../store/commands.ts';
import { toldCommand } from './told-command.ts';
import type { ToldDeed } from './told-deed.ts';

/**
 * What the API says of stored commands. One that was refused because its device cannot do it has nothing of its own to
 * tell: what was asked for is told as its batch has it.
 */
export async function toldCommands(
  records: readonly CommandRecord[],
  store: Pick<CommandStore, 'batch'>,
  descriptionOf: (device: string) => Description | undefined,
): Promise<ToldCommand[]> {
  const told = records.map((record) => toldCommand(record, descriptionOf(record.device)));
  const deeds = new Map<string, ToldDeed>();
  for (const { batch, set, run } of told) {
    if (set || run || batch === undefined || deeds.has(batch)) continue;
    deeds.set(batch, deedOf(await store.batch(batch)));
  }
  return told.map((each) => {
    const { batch, set, run } = each;
    return set || run || batch === undefined ? each : { ...each, ...deeds.get(batch) };
  });
}

function deedOf(record: BatchRecord | undefined): ToldDeed {
  const order = record && batchOrder.safeParse(JSON.parse(record.request));
  if (!order?.success) return {};
  const { set, run } = order.data;
  return run ? { run: { action: run.action, args: run.args ?? [] } } : set ? { set } : {};
}
