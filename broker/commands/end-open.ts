import { BATCH, CODE, COMMAND, isOver } from '#firmware-protocol';
import type { CommandRecord, CommandStore } from '../store/commands.ts';
import type { KeptSessionStore } from '../store/kept-sessions.ts';

const OVER = Object.values(COMMAND).filter(isOver);

const WHY = 'the data was restored from a backup';

/**
 * Ends what was open when a backup was made: what has become of it since is not known, and to take it up again could
 * make it happen twice. So it is with what waited for clients of services, who learn that their sessions have ended.
 * Wishes stay, for what they ask for may be asked for again.
 */
export async function endOpen(
  store: CommandStore & Pick<KeptSessionStore, 'removeKept'>,
  now: number,
): Promise<void> {
  await store.removeKept();
  const commands = await store.commandsNotIn(OVER);
  const batches = await store.batches({ limit: Number.MAX_SAFE_INTEGER });
  await store.saveProgress({
    commands: commands.flatMap((command) => ended(command, now)),
    batches: batches
      .filter(({ st }) => st === BATCH.running)
      .map((batch) => ({ ...batch, st: BATCH.cancelled, t: now, msg: WHY })),
  });
}

function ended(command: CommandRecord, now: number): CommandRecord[] {
  if (isUnreleased(command)) return [over(command, COMMAND.cancelled, CODE.aborted, now)];
  return command.wish ? [] : [over(command, COMMAND.unknown, CODE.unknown, now)];
}

/** Whether it waits for its turn in a batch. A command has an end then, and a wish a document that holds it. */
const isUnreleased = ({ batch, st, exp, wver }: CommandRecord): boolean =>
  batch !== null && st === COMMAND.created && exp === null && wver === null;

function over(command: CommandRecord, st: number, code: number, t: number): CommandRecord {
  const steps = [...(JSON.parse(command.steps) as unknown[]), [st, t, code, WHY]];
  return { ...command, st, t, code, msg: WHY, steps: JSON.stringify(steps) };
}
