import type { CommandDelta } from '#firmware-protocol';
import type { Asked } from './command-record.ts';

/** What consoles are told of a command or a wish. */
export function told(asked: Asked): CommandDelta {
  const { device, id, who, st, t, createdAt, batch, code, msg } = asked;
  return {
    did: device,
    id: Buffer.from(id, 'hex'),
    who,
    st,
    t,
    since: createdAt,
    want: asked.request.vals,
    ...(batch !== undefined && { bid: Buffer.from(batch, 'hex') }),
    ...(code !== undefined && { code }),
    ...(msg !== undefined && { msg }),
    ...(asked.kind === 'wish' ? { wver: asked.wver } : ofCommand(asked)),
  };
}

function ofCommand({ request, exp, pct, reported, ver }: Extract<Asked, { kind: 'command' }>) {
  const { op, args } = request;
  return { exp, op, args, pct, vals: reported, ver };
}
