import type { Property } from '#firmware-protocol';
import type { Stage } from '../fleet/command.ts';
import type { ControlState } from '../fleet/control-state.ts';
import { formatMoment } from '../format/time.ts';
import { formatWithUnit } from '../format/value.ts';
import { text } from '../text/text.ts';

/**
 * How a command ended, with the device's own reason where it gave one: "Refused: busy".
 * @param me the actor that this operator is: who withdrew a command is called as who asked for it
 */
export function describeOutcome(
  stage: Stage,
  code: number | undefined,
  msg: string | undefined,
  me?: string,
): string {
  const told = stage === 'cancelled' ? msg?.replace(/(?<=\bby )@\S+$/, (who) => describeWho(who, me)) : msg;
  const reason = told || (code ? (text.code[code] ?? text.codeNumber(code)) : '');
  return reason ? `${text.stage[stage]}: ${reason}` : text.stage[stage];
}

/** Who asked, as this operator sees it; empty where that is not known. */
export const describeWho = (who: string | undefined, me: string | undefined): string =>
  who === undefined ? '' : who === me ? text.control.you : who;

function describeWaiting(
  { stage, kept, until }: Extract<ControlState, { kind: 'pending' }>,
  wanted: string,
  now: number,
): string {
  if (stage === 'created' && kept) return text.control.keptFor(wanted);
  if (stage === 'created' && until !== undefined)
    return text.control.waitsUntil(wanted || text.control.command, formatMoment(until, now));
  return wanted ? text.control.waitingFor(wanted) : text.control.waiting;
}

/**
 * What goes on around a control, in words; empty where nothing does.
 * @param me the actor that this operator is, as in "@owner"
 * @param now hub time in ms
 */
export function describeState(
  state: ControlState,
  property: Property | undefined,
  me: string,
  now: number,
): string {
  switch (state.kind) {
    case 'idle':
      return '';
    case 'confirmed':
      return text.control.confirmed;
    case 'failed':
      return describeOutcome(state.stage, state.code, state.msg);
    case 'pending': {
      const { want, who, pct } = state;
      const wanted = property && want !== undefined ? formatWithUnit(property, want) : '';
      const waiting = describeWaiting(state, wanted, now);
      const by = who !== undefined && who !== me ? text.control.by(who) : '';
      return [waiting, pct === undefined ? '' : text.control.progress(pct), by].filter(Boolean).join(' · ');
    }
  }
}
