import type { Description } from '#firmware-protocol';
import { COMMAND_STATES, type ToldCommand } from '../../contract/batch.ts';
import type { CommandRecord } from '../../store/commands.ts';
import { fromRecord } from '../commands/command-record.ts';
import { toldDeed } from './told-deed.ts';

/** What the API says of a stored command or wish, in the words of its device's description. */
export function toldCommand(record: CommandRecord, description: Description | undefined): ToldCommand {
  const asked = fromRecord(record);
  const { device, id, who, batch, st, t, createdAt, exp, code, msg } = asked;
  return {
    device,
    id,
    who,
    ...(batch !== undefined && { batch }),
    // One that was refused before it meant anything is none.
    wish: asked.kind === 'wish' && asked.request.vals.size > 0,
    // One that was refused because its device does not know the property has none.
    ...toldDeed(asked.request, description),
    state: stateOf(st),
    t,
    createdAt,
    ...(exp !== undefined && { expiresAt: exp }),
    ...(code !== undefined && { code }),
    ...(msg !== undefined && { msg }),
    steps: asked.steps.map((step) => ({
      state: stateOf(step.st),
      t: step.t,
      ...(step.code !== undefined && { code: step.code }),
      ...(step.msg !== undefined && { msg: step.msg }),
    })),
  };
}

const stateOf = (st: number): ToldCommand['state'] => COMMAND_STATES[st] ?? 'unknown';
