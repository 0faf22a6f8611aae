import type { Store } from '../store/store.ts';

/** Who stands in the audit for what the command line did: whoever may use the data folder. */
export const COMMAND_LINE = '@hub';

/** Notes what a command did, to each of its subjects. It is done all the same where that fails: then stderr says so. */
export async function audit(
  store: Pick<Store, 'saveAudit'>,
  action: string,
  subjects: readonly string[],
  now: number,
  detail?: unknown,
): Promise<void> {
  const entries = subjects.map((subject) => ({
    t: now,
    who: COMMAND_LINE,
    address: '',
    action,
    subject,
    detail: detail === undefined ? '' : JSON.stringify(detail),
  }));
  try {
    await store.saveAudit(entries);
  } catch (error) {
    process.stderr.write(`switchyard: "${action}" is missing in the audit: ${(error as Error).message}\n`);
  }
}
