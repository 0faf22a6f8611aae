import type { Selection } from '#broker/contract/selection.ts';
import { schedulesText } from '../../text/schedules-text.ts';
import { text } from '../../text/text.ts';
import { describeSelection } from './describe-plan.ts';

/** Whom a schedule may be for, and how that is called. */
export interface Target {
  readonly label: string;
  readonly selection: Selection;
}

/**
 * What a schedule can be for, the likeliest first: what it is for already, or else the devices that are selected.
 * @param present of the schedule that is edited
 * @param selected ids
 */
export function targetsFor(
  present: Selection | undefined,
  selected: readonly string[],
  known: { readonly tags: readonly string[]; readonly models: readonly string[] },
  groups: readonly string[],
): readonly Target[] {
  const offered: Target[] = [
    { label: schedulesText.everyone, selection: { all: true } },
    ...groups.map((group) => ({ label: schedulesText.group(group), selection: { group } })),
    ...known.tags.map((tag) => ({ label: schedulesText.tag(tag), selection: { tag } })),
    ...known.models.map((model) => ({ label: schedulesText.model(model), selection: { model } })),
  ];
  if (selected.length > 0) {
    const label = schedulesText.theSelected(text.devices(selected.length));
    offered.unshift({ label, selection: { ids: [...selected] } });
  }
  if (!present) return offered;
  const label = describeSelection(present);
  return [{ label, selection: present }, ...offered.filter((target) => target.label !== label)];
}
