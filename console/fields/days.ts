const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** The day of a moment as a date field has it, "2027-03-01", in the time zone of whoever looks. */
export function dayOf(moment: number): string {
  const at = new Date(moment);
  return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
}

/** When a day begins for whoever looks, in Unix ms, or one so many days after it; undefined where it is no day. */
export function beginOf(day: string, later = 0): number | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  return date === undefined
    ? undefined
    : new Date(Number(year), Number(month) - 1, Number(date) + later).getTime();
}

/** From the beginning of one day to the end of another, in Unix ms; undefined where that is nothing. */
export function spanOf(first: string, last: string): { from: number; to: number } | undefined {
  const from = beginOf(first);
  const to = beginOf(last, 1);
  return from === undefined || to === undefined || from >= to ? undefined : { from, to };
}
