import type { Property } from '#firmware-protocol';
import type { Stage } from '../fleet/command.ts';
import type { ControlState } from '../fleet/control-state.ts';
import { formatWithUnit } from '../format/value.ts';
import { text } from '../text/text.ts';

/** How a command ended, with the device's own reason where it gave one: "Refused: busy". */
export function describeOutcome(stage: Stage, code: number | undefined, msg: string | undefined): string {
  const reason = msg || (code ? (text.code[code] ?? text.codeNumber(code)) : '');
  return reason ? `${text.stage[stage]}: ${reason}` : text.stage[stage];
}

/** Who asked, as this operator sees it; empty where that is not known. */
export const describeWho = (who: string | undefined, me: string | undefined): string =>
  who === undefined ? '' : who === me ? text.control.you : who;

/**
 * What goes on around a control, in words; empty where nothing does.
 * @param me the actor that this operator is, as in "@owner"
 */
export function describeState(state: ControlState, property: Property | undefined, me: string): string {
  switch (state.kind) {
    case 'idle':
      return '';
    case 'confirmed':
      return text.control.confirmed;
    case 'failed':
      return describeOutcome(state.stage, state.code, state.msg);
    case 'pending': {
      const { want, who, pct } = state;
      const waiting =
        property && want !== undefined
          ? text.control.waitingFor(formatWithUnit(property, want))
          : text.control.waiting;
      const by = who !== undefined && who !== me ? text.control.by(who) : '';
      return [waiting, pct === undefined ? '' : text.control.progress(pct), by].filter(Boolean).join(' · ');
    }
  }
}
