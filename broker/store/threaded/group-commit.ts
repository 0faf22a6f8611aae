import { isWrite } from '../calls.ts';
import type { Database } from '../sqlite/database.ts';
import { storeError } from '../sqlite/sqlite-fault.ts';
import type { Call, Outcome } from './messages.ts';

/**
 * Does several calls, one after the other, with one commit for all that they write: one wait for the disk. A write
 * that fails is undone by itself; where the commit fails, all writes have failed. Outcomes may be told when this
 * returns, for then they are on the disk.
 * @param perform one call, without a transaction of its own
 */
export function commitTogether(
  db: Database,
  perform: (call: Call) => unknown,
  calls: readonly Call[],
): Outcome[] {
  const read = (call: Call): Outcome => attempt(call, () => perform(call));
  if (!calls.some(({ operation }) => isWrite(operation))) return calls.map(read);
  try {
    return db.together(() =>
      calls.map((call) => {
        const outcome = isWrite(call.operation)
          ? attempt(call, () => db.together(() => perform(call)))
          : read(call);
        if (!db.inTransaction) throw new Lost(outcome);
        return outcome;
      }),
    );
  } catch (error) {
    const lost = error instanceof Lost ? error.outcome : failed(calls[0] as Call, error);
    return calls.map((call) => (isWrite(call.operation) ? { ...lost, number: call.number } : read(call)));
  }
}

/** The database gave up the whole transaction because of one call. */
class Lost extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('the transaction was rolled back');
    this.outcome = outcome;
  }
}

function attempt(call: Call, work: () => unknown): Outcome {
  try {
    return { number: call.number, value: work() };
  } catch (error) {
    return failed(call, error);
  }
}

function failed({ number }: Call, error: unknown): Outcome {
  const { kind, message } = storeError(error);
  return { number, fault: kind, problem: message };
}
