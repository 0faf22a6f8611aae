import type { CommandRequest, Description, Value } from '#firmware-protocol';
import { COMMAND_STATES, type ToldCommand, type Written } from '../../contract/batch.ts';
import type { CommandRecord } from '../../store/commands.ts';
import { toWritten } from '../batches/written.ts';
import { fromRecord, type Asked } from '../commands/command-record.ts';
import { toldValues } from './told-values.ts';

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
    ...deed(asked, description),
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

/** One that was refused because its device does not know the property has none. */
function deed({ request }: Asked, description: Description | undefined): Pick<ToldCommand, 'set' | 'run'> {
  if ('op' in request && request.op !== undefined) return { run: deedOf(request, request.op, description) };
  const { vals = new Map<number, Value>() } = request;
  return vals.size > 0 ? { set: toldValues(vals, description) as Record<string, Written> } : {};
}

function deedOf({ args = [] }: CommandRequest, op: number, description: Description | undefined) {
  const action = description?.acts?.find(({ pid }) => pid === op);
  const told = args.map((arg, at) => {
    const param = action?.params?.[at];
    if (param) return toWritten(param, arg);
    return arg instanceof Uint8Array ? Buffer.from(arg).toString('hex') : arg;
  });
  return { action: action?.key ?? `#${op}`, args: told as Written[] };
}
