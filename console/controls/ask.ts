import { FLAG, hasFlag, propertyLabel, type Action, type Property, type Value } from '#firmware-protocol';
import type { Workspace } from '../app/workspace.svelte.ts';
import type { DeviceEntry } from '../fleet/device-entry.svelte.ts';
import type { ControlState } from '../fleet/control-state.ts';
import { isReachable } from '../fleet/presence.ts';
import { formatDuration } from '../format/time.ts';
import { formatWithUnit } from '../format/value.ts';
import { text } from '../text/text.ts';
import { WAITS } from './waits.ts';

type Asking = Pick<Workspace, 'operator' | 'questions'>;

/** Asks for a second look. */
export const confirmed = (questions: Asking['questions'], title: string): Promise<boolean> =>
  questions.agree(title, text.confirm.detail, text.confirm.yes);

/** Asks how long a command may wait for a device that is away, in ms; undefined where it shall not. */
function patience(questions: Asking['questions'], entry: DeviceEntry, what: string) {
  return questions.ask({
    title: text.wait.title(entry.name, what),
    detail: `${text.wait.detail(text.presence[entry.presence])} ${text.wait.withdrawLater}`,
    no: text.wait.refuse,
    choices: WAITS.map((value) => ({ label: text.wait.upTo(formatDuration(value)), value })),
  });
}

/** Sets a property, after asking where its description wants that, or where the command would have to wait. */
export async function askToSet(
  { operator, questions }: Asking,
  entry: DeviceEntry,
  property: Property,
  value: Value,
): Promise<void> {
  const [label, written] = [propertyLabel(property), formatWithUnit(property, value)];
  const title = text.confirm.set(entry.name, label, written);
  if (hasFlag(property, FLAG.confirmFirst) && !(await confirmed(questions, title))) return;
  if (isReachable(entry.presence) || hasFlag(property, FLAG.persistent)) {
    operator.set(entry.id, property, value);
    return;
  }
  const wait = await patience(questions, entry, text.commands.assignment(label, written));
  if (wait !== undefined) operator.set(entry.id, property, value, wait);
}

/** Runs an action, after asking where its description wants that, or where the command would have to wait. */
export async function askToRun(
  { operator, questions }: Asking,
  entry: DeviceEntry,
  action: Action,
  args: readonly Value[] = [],
): Promise<void> {
  const label = propertyLabel(action);
  const title = text.confirm.run(entry.name, label);
  if (hasFlag(action, FLAG.confirmFirst) && !(await confirmed(questions, title))) return;
  if (isReachable(entry.presence)) {
    operator.run(entry.id, action, args);
    return;
  }
  const wait = await patience(questions, entry, label);
  if (wait !== undefined) operator.run(entry.id, action, args, wait);
}

/** Takes back what waits around a control; undefined where nothing does, or for whoever may not. */
export function withdrawing(
  { operator, role }: Pick<Workspace, 'operator' | 'role'>,
  entry: DeviceEntry,
  standing: ControlState,
): (() => void) | undefined {
  const id = standing.kind === 'pending' ? standing.withdrawable : undefined;
  return id === undefined || role === 'viewer' ? undefined : () => operator.withdraw(entry.id, id);
}
