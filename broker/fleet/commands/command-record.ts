import { rqCmd } from '#firmware-protocol';
import type { CommandRecord } from '../../store/store.ts';
import type { Command } from './command.ts';

export function toRecord(command: Command): CommandRecord {
  const { device, id, who, request, st, t, createdAt, exp, boot, code, msg } = command;
  return {
    device,
    id,
    who,
    request: rqCmd.encode(request),
    st,
    t,
    createdAt,
    exp,
    boot: boot ?? null,
    code: code ?? null,
    msg: msg ?? null,
  };
}

export function fromRecord(record: CommandRecord): Command {
  const { device, id, who, request, st, t, createdAt, exp, boot, code, msg } = record;
  return {
    device,
    id,
    who,
    request: rqCmd.decode(request),
    st,
    t,
    createdAt,
    exp,
    ...(boot !== null && { boot }),
    ...(code !== null && { code }),
    ...(msg !== null && { msg }),
  };
}
