import type { Context } from 'hono';
import { principalName } from '../auth/principal.ts';
import type { Log } from '../log/log.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';

/** Notes in the audit what a person has just done. What was done stays done where the note cannot be stored. */
export type Note = (c: Context<ApiEnv>, action: string, subject: string, detail?: unknown) => Promise<void>;

export function noteIn(records: Api['records'], now: () => number, log: Log): Note {
  return async (c, action, subject, detail) => {
    const who = principalName(c.get('person'));
    const told = detail === undefined ? '' : JSON.stringify(detail);
    try {
      await records.saveAudit([{ t: now(), who, action, subject, detail: told }]);
    } catch (error) {
      log.error(`the audit lacks that ${who} did ${action} to ${subject}`, error);
    }
  };
}
