import { text } from '../text/text.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took or lasts, in its largest unit: "8 s", "3 min", "2 h", "5 d". */
export function formatDuration(ms: number): string {
  const { second, minute, hour, day } = text.time;
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} ${second}`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} ${minute}`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} ${hour}`;
  return `${Math.floor(ms / DAY)} ${day}`;
}

/** How long ago a moment was: "now" within the first seconds. */
export function formatAgo(moment: number, now: number): string {
  const ms = now - moment;
  return ms < 5 * SECOND ? text.time.now : formatDuration(ms);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dated = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
const date = new Intl.DateTimeFormat('en-GB', dated);
const dateOfYear = new Intl.DateTimeFormat('en-GB', { ...dated, year: 'numeric' });

/** A moment of today by the clock, an older one with its date. In the time zone of whoever looks. */
export function formatMoment(moment: number, now: number): string {
  const [at, today] = [new Date(moment), new Date(now)];
  if (at.toDateString() === today.toDateString()) return clock.format(moment);
  return (at.getFullYear() === today.getFullYear() ? date : dateOfYear).format(moment);
}

/** The time zone of whoever looks, as the IANA database names it. */
export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment with its date in a time zone, which is named. One that this browser does not know gives way to its own. */
export function formatInZone(moment: number, now: number, zone: string): string {
  const formatIn = (timeZone: string): string => {
    const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone });
    const years = year.format(moment) === year.format(now) ? {} : ({ year: 'numeric' } as const);
    const at = new Intl.DateTimeFormat('en-GB', { ...dated, ...years, timeZone }).format(moment);
    return text.time.inZone(at, timeZone);
  };
  try {
    return formatIn(zone);
  } catch {
    return formatIn(localZone());
  }
}
