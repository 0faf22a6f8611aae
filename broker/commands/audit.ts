import type { Store } from '../store/store.ts';

/** Who stands in the audit for what the command line did: whoever may use the data folder. */
const COMMAND_LINE = '@hub';

/** Notes what a command did, to each of its subjects. */
export function audit(store: Store, action: string, subjects: readonly string[], now: number): Promise<void> {
  return store.saveAudit(
    subjects.map((subject) => ({ t: now, who: COMMAND_LINE, action, subject, detail: '' })),
  );
}
