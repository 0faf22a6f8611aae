import type { CommandRequest, Description, DesiredRequest, Value } from '#firmware-protocol';
import type { ToldCommand, Written } from '../../contract/batch.ts';
import { toWritten } from '../batches/written.ts';
import { toldValues } from './told-values.ts';

/** What is asked of a device, as people read it. */
export type ToldDeed = Pick<ToldCommand, 'set' | 'run'>;

/** What a command or a wish asks for, in the words of its device's description. One that writes nothing has none. */
export function toldDeed(
  request: CommandRequest | DesiredRequest,
  description: Description | undefined,
): ToldDeed {
  if ('op' in request && request.op !== undefined) return { run: toldRun(request, request.op, description) };
  const { vals = new Map<number, Value>() } = request;
  return vals.size > 0 ? { set: toldValues(vals, description) as Record<string, Written> } : {};
}

function toldRun({ args = [] }: CommandRequest, op: number, description: Description | undefined) {
  const action = description?.acts?.find(({ pid }) => pid === op);
  const told = args.map((arg, at) => {
    const param = action?.params?.[at];
    if (param) return toWritten(param, arg);
    return arg instanceof Uint8Array ? Buffer.from(arg).toString('hex') : arg;
  });
  return { action: action?.key ?? `#${op}`, args: told as Written[] };
}
