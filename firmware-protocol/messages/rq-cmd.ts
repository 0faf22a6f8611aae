import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { bool } from '../codec/bool.ts';
import { integer, u8, u32 } from '../codec/numbers.ts';
import { h8 } from '../codec/strings.ts';
import { vmap } from '../codec/values.ts';
import { LIMITS } from '../limits.ts';
import { args, valsOrAction } from './cmd.ts';

/**
 * `rq/cmd`: an operator asks the hub to command a device. `id` is the asker's and makes asking twice harmless;
 * `ttl` is how long the command may live, in ms from its receipt. With `wait` it may wait for a device that is away,
 * until then; without, it is refused at once.
 */
export const rqCmd = message(
  { name: 'rq/cmd', clause: '6.13', bounds: DEVICE },
  {
    vals: optional(vmap),
    id: h8,
    if: optional(u32),
    op: optional(u8),
    args: optional(args),
    ttl: integer(1, LIMITS.commandWaitMs),
    wait: optional(bool),
  },
  (request) => valsOrAction(request) ?? patientOrShort(request),
);

function patientOrShort({
  ttl,
  wait = false,
}: {
  readonly ttl: number;
  readonly wait?: boolean | undefined;
}) {
  if (wait || ttl <= LIMITS.commandLifeMs) return undefined;
  return `has a ttl of more than ${LIMITS.commandLifeMs} ms, which only a command that may wait has`;
}

export type CommandRequest = MessageType<typeof rqCmd>;
