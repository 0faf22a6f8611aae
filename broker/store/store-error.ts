/** Why the store did not do what it was asked to. */
export type StoreFault = 'full' | 'readonly' | 'corrupt' | 'busy' | 'gone' | 'other';

/** What to do about each fault. */
const REMEDIES: Record<StoreFault, string> = {
  full: 'make room on it, and try again',
  readonly: 'give this user write access to the data folder, or mount its disk for writing',
  corrupt: 'stop the hub, run "npm run hub -- check", and restore a backup',
  busy: 'look what else writes to the data folder, and try again',
  gone: 'the next call starts it again; the log says why it ended',
  other: 'see what it says, and try again',
};

/** The store could not do it, and so nothing of it was done: what is wrong, and what the person can do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreFault;
  readonly remedy: string;

  constructor(kind: StoreFault, problem: string) {
    super(problem);
    this.kind = kind;
    this.remedy = REMEDIES[kind];
  }
}
