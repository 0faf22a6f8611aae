import type { SchedulePlan } from '#broker/contract/schedule.ts';
import type { Selection } from '#broker/contract/selection.ts';
import { formatInZone, localZone } from '../../format/time.ts';
import { schedulesText } from '../../text/schedules-text.ts';
import { text } from '../../text/text.ts';
import { formOf, freshWhen } from './when.ts';

/** The time zone in which a schedule is told: its own, or that of whoever looks where it has none. */
export const zoneOf = (when: SchedulePlan['when']): string => ('at' in when ? localZone() : when.zone);

/** When a schedule runs, in words. @param now hub time in ms */
export function describeWhen(when: SchedulePlan['when'], now: number): string {
  const { describe, days } = schedulesText;
  if ('at' in when) return describe.once(formatInZone(when.at, now, zoneOf(when)));
  const { kind, time, days: on, cron, zone } = formOf(when, freshWhen(now, when.zone));
  if (kind === 'daily') return describe.daily(time, zone);
  if (kind === 'weekly') return describe.weekly(on.map((day) => days[day]).join(' '), time, zone);
  return describe.cron(cron, zone);
}

/** Whom it is for, in words. */
export function describeSelection({ all, ids, tag, model, group }: Selection): string {
  const { everyone, listed, ...words } = schedulesText;
  if (all) return everyone;
  const said = [
    ids && listed(text.devices(ids.length)),
    group && words.group(group),
    tag && words.tag(tag),
    model && words.model(model),
  ];
  return said.filter(Boolean).join(', ');
}
