import { Cron } from 'croner';
import type { SchedulePlan } from '../../contract/schedule.ts';
import { RequestFault } from '../../contract/request-fault.ts';

export type When = SchedulePlan['when'];

/** How late a run may begin, in ms. What is later than that would come by surprise, and is reported as missed. */
export const LATEST = 30_000;
/** Runs that are reported as missed one by one; of more than that, only how many. */
export const MISSED_ONE_BY_ONE = 100;
/** Where counting them ends. */
const MISSED_COUNTED = 1_000;

/** What is due of a schedule. Times are Unix ms. */
export interface Due {
  /** To be reported as missed, the first `MISSED_ONE_BY_ONE` of them, oldest first. */
  readonly missed: readonly number[];
  /** How many more were missed, and when the last of them was due; undefined where there are none. */
  readonly more?: { readonly count: number; readonly last: number; readonly atLeast: boolean };
  /** To be begun now. */
  readonly begin?: number;
}

/**
 * When a schedule is due.
 *
 * A cron expression is read in its zone. In the night in which clocks go forward, a time of day that there is not is
 * due as soon as the clock has gone forward; in the night in which they go back, one that there is twice is due the
 * first time. Where the expression has a wildcard or a step in its minutes or hours, it counts every passing of such a
 * time instead.
 */
export class Timing {
  readonly #next: (after: number) => number | undefined;

  /** @throws RequestFault where the expression or the zone cannot be understood */
  constructor(when: When) {
    if ('at' in when) {
      this.#next = (after) => (when.at > after ? when.at : undefined);
      return;
    }
    const cron = understood(when);
    this.#next = (after) => cron.nextRun(new Date(after))?.getTime();
  }

  /** When it is due next after a moment, or undefined where it never is again. */
  next(after: number): number | undefined {
    return this.#next(after);
  }

  /** What has become due after `doneUntil`, up to `now`. */
  due(doneUntil: number, now: number): Due {
    const missed: number[] = [];
    let count = 0;
    let last = doneUntil;
    for (let at = this.next(doneUntil); at !== undefined && at <= now; at = this.next(at)) {
      if (now - at <= LATEST) return { missed, ...rest(count, last), begin: at };
      if (missed.length < MISSED_ONE_BY_ONE) missed.push(at);
      else count += 1;
      last = at;
      if (count === MISSED_COUNTED) return this.#skipped(missed, count, now);
    }
    return { missed, ...rest(count, last) };
  }

  /** Counting on would take too long: what lies between is passed over, but not what is to begin now. */
  #skipped(missed: readonly number[], count: number, now: number): Due {
    const begin = this.next(now - LATEST - 1);
    const more = { count, last: now - LATEST - 1, atLeast: true };
    return { missed, more, ...(begin !== undefined && begin <= now && { begin }) };
  }
}

/** Numbers, names, "*", "L" for the last day of a month; with ",", "-" and "/". */
const PART = String.raw`(?:\*|L|(?:\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?)(?:/\d+)?`;
const FIELD = `${PART}(?:,${PART})*`;
const FIVE_FIELDS = new RegExp(String.raw`^${FIELD}(?:\s+${FIELD}){4}$`, 'i');
const FIELDS =
  'five fields (minute, hour, day of the month, month, day of the week) such as "0 22 * * mon-fri"';

const rest = (count: number, last: number): Pick<Due, 'more'> =>
  count > 0 ? { more: { count, last, atLeast: false } } : {};

function understood({ cron, zone }: Extract<When, { cron: string }>): Cron {
  if (!isZone(zone)) {
    throw new RequestFault('invalid', `plan.when.zone: there is no time zone "${zone}"; one is "Asia/Seoul"`);
  }
  if (!FIVE_FIELDS.test(cron.trim())) {
    throw new RequestFault('invalid', `plan.when.cron: must be ${FIELDS}, not "${cron}"`);
  }
  try {
    return new Cron(cron, { timezone: zone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestFault('invalid', `plan.when.cron: "${cron}" is not understood: ${reason}`);
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
