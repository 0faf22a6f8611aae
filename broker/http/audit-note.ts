import type { Context } from 'hono';
import { principalName } from '../auth/principal.ts';
import type { Log } from '../log/log.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';

/** Who did what, to what. */
export interface Deed {
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly detail?: unknown;
}

/** Notes in the audit what was done. What was done stays done where the note cannot be stored. */
export type Note = (c: Context<ApiEnv>, action: string, subject: string, detail?: unknown) => Promise<void>;

/** The same where nobody has shown who they are by a token. */
export type NoteOf = (c: Context<ApiEnv>, deed: Deed) => Promise<void>;

export function notesIn(
  records: Api['records'],
  now: () => number,
  log: Log,
): { note: Note; noteOf: NoteOf } {
  const noteOf: NoteOf = async (c, { who, action, subject, detail }) => {
    const told = detail === undefined ? '' : JSON.stringify(detail);
    const { address } = c.get('client');
    try {
      await records.saveAudit([{ t: now(), who, address, action, subject, detail: told }]);
    } catch (error) {
      log.error(`the audit lacks that ${who} did ${action} to ${subject}`, error);
    }
  };
  return {
    noteOf,
    note: (c, action, subject, detail) =>
      noteOf(c, { who: principalName(c.get('asker')), action, subject, detail }),
  };
}
