import { beginOf } from './days.ts';

/** Until when something is to be good, as somebody chooses it. */
export type Expiry =
  | { readonly kind: 'never' }
  /** From the moment on at which it is asked for. */
  | { readonly kind: 'hours'; readonly hours: number }
  /** Through a day of whoever chooses, as "2027-03-01"; empty while none is chosen. */
  | { readonly kind: 'date'; readonly date: string }
  /** As it was, in Unix ms. */
  | { readonly kind: 'kept'; readonly at: number };

const HOUR = 3_600_000;

/** That moment in Unix ms, null for never; undefined while no moment to come is chosen. */
export function untilOf(expiry: Expiry, now: number): number | null | undefined {
  switch (expiry.kind) {
    case 'never':
      return null;
    case 'hours':
      return now + expiry.hours * HOUR;
    case 'kept':
      return expiry.at;
    case 'date': {
      const next = beginOf(expiry.date, 1);
      return next !== undefined && next - 1 > now ? next - 1 : undefined;
    }
  }
}

/** The expiry that something has now. */
export const expiryOf = (at: number | null): Expiry =>
  at === null ? { kind: 'never' } : { kind: 'kept', at };
