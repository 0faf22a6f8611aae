import { FLAG, hasFlag, propertyLabel, type Action, type Property, type Value } from '#firmware-protocol';
import type { Workspace } from '../app/workspace.svelte.ts';
import type { DeviceEntry } from '../fleet/device-entry.svelte.ts';
import { formatWithUnit } from '../format/value.ts';
import { text } from '../text/text.ts';

type Asking = Pick<Workspace, 'operator' | 'questions'>;

function confirmed(questions: Asking['questions'], title: string): Promise<boolean> {
  return questions.ask({ title, detail: text.confirm.detail, confirm: text.confirm.yes });
}

/** Sets a property, after asking where the description wants that. */
export async function askToSet(
  { operator, questions }: Asking,
  entry: DeviceEntry,
  property: Property,
  value: Value,
): Promise<void> {
  const title = text.confirm.set(entry.name, propertyLabel(property), formatWithUnit(property, value));
  if (hasFlag(property, FLAG.confirmFirst) && !(await confirmed(questions, title))) return;
  operator.set(entry.id, property, value);
}

/** Runs an action, after asking where the description wants that. */
export async function askToRun(
  { operator, questions }: Asking,
  entry: DeviceEntry,
  action: Action,
  args: readonly Value[] = [],
): Promise<void> {
  const title = text.confirm.run(entry.name, propertyLabel(action));
  if (hasFlag(action, FLAG.confirmFirst) && !(await confirmed(questions, title))) return;
  operator.run(entry.id, action, args);
}
