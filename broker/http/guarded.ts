import type { Context } from 'hono';
import type { Attempt, SignInGuard } from '../auth/sign-in-guard.ts';
import { BusyError } from '../auth/turns.ts';
import { RequestFault } from '../contract/request-fault.ts';
import type { Log } from '../log/log.ts';
import type { ApiEnv } from './access.ts';
import { problem } from './problem.ts';

/** How long to wait where too many want to try at once, in ms. */
const BUSY_WAIT = 1_000;

/** Tries what may be guessed, at the pace of a guard. The result is undefined where it was tried in vain. */
export type Guarded = <T>(
  c: Context<ApiEnv>,
  attempt: Attempt,
  attempted: () => Promise<T | undefined>,
) => Promise<T | Response | undefined>;

/**
 * Answers with 429 whoever has to wait before they may try again.
 * @param elapsed a clock that is never set, in ms
 */
export function guardedBy(guard: SignInGuard, elapsed: () => number, log: Log): Guarded {
  const tooMany = (c: Context<ApiEnv>, wait: number): Response => answerTooMany(c, wait, log);
  return async (c, attempt, attempted) => {
    const wait = guard.wait(attempt, elapsed());
    if (wait > 0) return tooMany(c, wait);
    guard.begin(attempt, elapsed());
    try {
      const result = await attempted();
      if (result !== undefined) guard.succeeded(attempt);
      return result;
    } catch (error) {
      // Neither was anything guessed: the request was not as it must be, or it was not looked at.
      if (error instanceof RequestFault || error instanceof BusyError) guard.undo(attempt);
      if (error instanceof BusyError) return tooMany(c, BUSY_WAIT);
      throw error;
    }
  };
}

function answerTooMany(c: Context<ApiEnv>, wait: number, log: Log): Response {
  const seconds = Math.ceil(wait / 1_000);
  // Of all addresses together: whoever has many would fill the log.
  const asked = `${c.req.method} ${c.req.path} from ${c.get('client').address}`;
  log.warnLimited('too-many-tries', `turned away ${asked} for ${seconds} s: too many tries`);
  const message = `too many tries: wait ${seconds} s, then try again`;
  return c.json(problem('too_many_tries', message), 429, { 'Retry-After': String(seconds) });
}
