import { rqCmd, rqDesired, stateRecord } from '#firmware-protocol';
import type { CommandRecord } from '../../store/commands.ts';
import type { Command } from './command.ts';
import type { Life, Step } from './life.ts';
import type { Wish } from './wish.ts';

/** What somebody asked of a device. */
export type Asked = Command | Wish;

export function toRecord(asked: Asked): CommandRecord {
  const wish = asked.kind === 'wish';
  const { sentAt = null, boot = null, pct = null, ver = null, reported = undefined } = wish ? {} : asked;
  return {
    device: asked.device,
    id: asked.id,
    who: asked.who,
    batch: asked.batch ?? null,
    request: wish ? rqDesired.encode(asked.request) : rqCmd.encode(asked.request),
    wish: wish ? 1 : 0,
    st: asked.st,
    t: asked.t,
    createdAt: asked.createdAt,
    exp: asked.exp ?? null,
    sentAt,
    boot,
    wver: wish ? (asked.wver ?? null) : null,
    code: asked.code ?? null,
    msg: asked.msg ?? null,
    pct,
    reported: reported ? stateRecord.encode({ t: asked.t, vals: reported }) : null,
    ver,
    steps: JSON.stringify(asked.steps.map(({ st, t, code, msg }) => [st, t, code ?? null, msg ?? null])),
  };
}

export function fromRecord(record: CommandRecord): Asked {
  const { device, id, who, batch, request, st, t, createdAt, exp, code, msg } = record;
  const life: Life = {
    device,
    id,
    who,
    st,
    t,
    createdAt,
    ...(batch !== null && { batch }),
    ...(exp !== null && { exp }),
    ...(code !== null && { code }),
    ...(msg !== null && { msg }),
    steps: stepsOf(record.steps),
  };
  const { wver, sentAt, boot, pct, reported, ver } = record;
  if (record.wish) {
    return { kind: 'wish', ...life, request: rqDesired.decode(request), ...(wver !== null && { wver }) };
  }
  return {
    kind: 'command',
    ...life,
    request: rqCmd.decode(request),
    ...(sentAt !== null && { sentAt }),
    ...(boot !== null && { boot }),
    ...(pct !== null && { pct }),
    ...(reported && { reported: stateRecord.decode(reported).vals }),
    ...(ver !== null && { ver }),
  };
}

type StoredStep = readonly [st: number, t: number, code: number | null, msg: string | null];

const stepsOf = (json: string): Step[] =>
  (JSON.parse(json) as StoredStep[]).map(([st, t, code, msg]) => ({
    st,
    t,
    ...(code !== null && { code }),
    ...(msg !== null && { msg }),
  }));
