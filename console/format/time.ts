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
const date = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** A moment of today by the clock, an older one with its date. In the time zone of whoever looks. */
export function formatMoment(moment: number, now: number): string {
  const sameDay = new Date(moment).toDateString() === new Date(now).toDateString();
  return (sameDay ? clock : date).format(moment);
}
