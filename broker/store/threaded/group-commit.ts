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
  if (!calls.some(({ operation }) => isWrite(operation)))
    return calls.map((call) => outcomeOf(call, perform));
  const inPart = (call: Call): unknown =>
    isWrite(call.operation) ? db.together(() => perform(call)) : perform(call);
  try {
    return db.together(() => calls.map((call) => outcomeOf(call, inPart, () => db.inTransaction)));
  } catch (error) {
    return calls.map((call) => (isWrite(call.operation) ? failed(call, error) : outcomeOf(call, perform)));
  }
}

/** @param endures whether an error is of this call alone, and not the end of what surrounds it */
function outcomeOf(call: Call, perform: (call: Call) => unknown, endures = (): boolean => true): Outcome {
  try {
    return { number: call.number, value: perform(call) };
  } catch (error) {
    if (!endures()) throw error;
    return failed(call, error);
  }
}

function failed({ number }: Call, error: unknown): Outcome {
  const { kind, message } = storeError(error);
  return { number, fault: kind, problem: message };
}
