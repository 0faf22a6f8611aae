const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A number of minutes, hours, days or weeks, such as "12h", in ms; undefined where it is none. */
export function durationOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const length = UNITS[unit];
  return count === undefined || length === undefined ? undefined : Number(count) * length;
}

/** A time as ISO 8601 writes it, with its zone, in Unix ms; a date is its beginning in UTC. Undefined where it is none. */
export function momentOf(text: string): number | undefined {
  const [, date] =
    /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const [day, time] = [Date.parse(date ?? ''), Date.parse(text)];
  if (date === undefined || Number.isNaN(day) || Number.isNaN(time)) return undefined;
  // There is no 31 February, and JavaScript takes it for a day in March.
  return new Date(day).toISOString().startsWith(date) ? time : undefined;
}
