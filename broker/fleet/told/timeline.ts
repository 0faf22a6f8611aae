import type { Description } from '#firmware-protocol';
import { happened, type Timeline } from '../../contract/timeline.ts';
import type { CommandStore } from '../../store/commands.ts';
import type { HappeningRecord, JournalStore } from '../../store/journal.ts';
import { toWritten } from '../batches/written.ts';
import { toldCommands } from './told-commands.ts';

type Entry = Timeline['entries'][number];

/**
 * What happened to a device and what it was asked to do, the latest first.
 * @param query.before only what happened before then, in Unix ms
 */
export async function timeline(
  store: Pick<CommandStore & JournalStore, 'batch' | 'commands' | 'happenings'>,
  device: string,
  description: Description | undefined,
  query: { readonly before?: number; readonly limit: number },
): Promise<Entry[]> {
  const [happenings, commands] = await Promise.all([
    store.happenings(device, query),
    store.commands({ device, ...query }),
  ]);
  const told = await toldCommands(commands, store, () => description);
  const entries = [
    ...happenings.map((happening) => toldHappening(happening, description)),
    ...told.map((command): Entry => ({ kind: 'command', t: command.createdAt, command })),
  ];
  return entries.sort((a, b) => b.t - a.t).slice(0, query.limit);
}

function toldHappening({ kind, t, data }: HappeningRecord, description: Description | undefined): Entry {
  const entry = happened.parse({ ...(JSON.parse(data) as object), kind, t });
  if (entry.kind !== 'event') return entry;
  const named = Object.entries(entry.vals).map(([pid, value]) => {
    const property = description?.props.find((candidate) => candidate.pid === Number(pid));
    return property ? [property.key, toWritten(property, value)] : [`#${pid}`, value];
  });
  return { ...entry, vals: Object.fromEntries(named) as typeof entry.vals };
}
