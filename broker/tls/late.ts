/** A certificate is renewed with more than this left, in ms, or this share of its life where that is shorter. */
const LATE = 14 * 86_400_000;
const SHARE = 1 / 6;

/** Whether a certificate should have been renewed by now, in Unix ms. */
export function isLate(
  { validFromDate, validToDate }: { readonly validFromDate: Date; readonly validToDate: Date },
  now: number,
): boolean {
  const life = validToDate.getTime() - validFromDate.getTime();
  return validToDate.getTime() - now < Math.min(LATE, life * SHARE);
}
