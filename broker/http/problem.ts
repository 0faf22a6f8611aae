import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Problem, ProblemCode } from '../contract/problem.ts';
import { RequestFault, type FaultKind } from '../contract/request-fault.ts';
import type { Log } from '../log/log.ts';
import { StoreError } from '../store/store-error.ts';
import type { ApiEnv } from './access.ts';

/** The body of a refusal. */
export const problem = (code: ProblemCode, message: string): Problem => ({ error: { code, message } });

const FAULTS: Record<FaultKind, { readonly code: ProblemCode; readonly status: 400 | 404 | 409 }> = {
  invalid: { code: 'bad_request', status: 400 },
  notFound: { code: 'not_found', status: 404 },
  conflict: { code: 'conflict', status: 409 },
};

/** The answer where a handler failed. What is none of the asker's business is for the log, within bounds for strangers. */
export function answerTo(error: Error, c: Context<ApiEnv>, log: Log): Response {
  if (error instanceof RequestFault) {
    const { code, status } = FAULTS[error.kind];
    return c.json(problem(code, error.message), status);
  }
  if (error instanceof HTTPException) return c.json(problem('bad_request', error.message), error.status);
  const asked = `${c.req.method} ${c.req.path}`;
  if (isCutOff(error)) {
    log.warnLimited('cut-off', `${asked} did not come whole: ${error.message}`);
    return c.json(problem('bad_request', 'the request did not come whole'), 400);
  }
  // Not there for strangers, whatever the type says.
  const asker: unknown = c.get('asker');
  if (asker !== undefined) log.error(`${asked} failed`, error);
  else log.warnLimited('failed', `${asked} failed: ${error.stack ?? error.message}`);
  if (error instanceof StoreError) {
    const message = `the hub cannot use its store, so nothing was done: ${error.message}; ${error.remedy}`;
    return c.json(problem('store_failed', message), 503);
  }
  return c.json(problem('internal', 'the hub failed to answer; its log says why'), 500);
}

/** Whether a body ended before its end, or was framed wrongly: Node ends reading it by this code. */
const isCutOff = (error: Error): boolean => 'code' in error && error.code === 'ECONNRESET';
