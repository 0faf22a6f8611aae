import type { SchedulePlan } from '#broker/contract/schedule.ts';

/** When a schedule runs, as its form has it. */
export interface WhenForm {
  readonly kind: 'once' | 'daily' | 'weekly' | 'cron';
  /** Of `once`: a moment of this browser's time zone, as `<input type="datetime-local">` writes it. */
  readonly moment: string;
  /** Of `daily` and `weekly`: "07:30". */
  readonly time: string;
  /** Of `weekly`: days as cron numbers them, 0 for Sunday. */
  readonly days: readonly number[];
  /** Of `cron`: five fields. */
  readonly cron: string;
  /** Of all but `once`: a time zone of the IANA database. */
  readonly zone: string;
}

type When = SchedulePlan['when'];

export const EVERY_WORKDAY: readonly number[] = [1, 2, 3, 4, 5];

const two = (part: number): string => String(part).padStart(2, '0');

/** A moment (Unix ms) as `<input type="datetime-local">` writes it, in the time zone of whoever looks. */
export function localMoment(moment: number): string {
  const at = new Date(moment);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What a new schedule begins with: tomorrow at this hour, or each day at seven. */
export const freshWhen = (now: number, zone: string): WhenForm => ({
  kind: 'daily',
  moment: localMoment(now + 86_400_000).replace(/:\d\d$/, ':00'),
  time: '07:00',
  days: EVERY_WORKDAY,
  cron: '0 7 * * *',
  zone,
});

/** The plan's part that says when; undefined where the form does not say it yet. */
export function whenOf({ kind, moment, time, days, cron, zone }: WhenForm): When | undefined {
  if (kind === 'once') {
    const at = new Date(moment).getTime();
    return Number.isNaN(at) ? undefined : { at };
  }
  if (zone.trim() === '') return undefined;
  if (kind === 'cron') return cron.trim() === '' ? undefined : { cron: cron.trim(), zone };
  const [, hour, minute] = /^(\d\d):(\d\d)$/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  if (kind === 'weekly' && days.length === 0) return undefined;
  const on = kind === 'daily' ? '*' : days.toSorted((a, b) => a - b).join(',');
  return { cron: `${Number(minute)} ${Number(hour)} * * ${on}`, zone };
}

/** Minute, hour and days of an expression that `daily` or `weekly` can say. */
const SIMPLE = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-6](?:,[0-6])*|[0-6]-[0-6])$/;

function daysOf(written: string): readonly number[] {
  const [from, to] = written.split('-').map(Number);
  if (from === undefined || to === undefined) return written.split(',').map(Number);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

/** The form of a plan: the simplest that says the same. `fresh` fills what the plan does not say. */
export function formOf(when: When, fresh: WhenForm): WhenForm {
  if ('at' in when) return { ...fresh, kind: 'once', moment: localMoment(when.at) };
  const { cron, zone } = when;
  const [, minute, hour, on] = SIMPLE.exec(cron) ?? [];
  if (minute === undefined || hour === undefined || on === undefined)
    return { ...fresh, kind: 'cron', cron, zone };
  const time = `${two(Number(hour))}:${two(Number(minute))}`;
  return on === '*'
    ? { ...fresh, kind: 'daily', time, cron, zone }
    : { ...fresh, kind: 'weekly', time, days: daysOf(on), cron, zone };
}
