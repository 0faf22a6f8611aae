import type { Selection } from '../../contract/selection.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import type { Devices, DeviceView } from './device-view.ts';

/** Ids that an error names; the others are counted. */
const NAMED = 5;

/** Who a group holds, by its name. */
export type GroupLookup = (name: string) => Selection | undefined;

/**
 * The devices that are all of what a selection says: those of a list in its order, others by their ids.
 * @throws RequestFault where it names a device or a group that there is not, or where nobody is left
 */
export function select(selection: Selection, devices: Devices, group: GroupLookup): readonly DeviceView[] {
  const chosen = matching(selection, devices, group);
  if (chosen.length === 0) throw new RequestFault('invalid', `no device ${asked(selection)}`);
  return chosen;
}

/** The same, and nobody where nobody is meant. @throws RequestFault where a device or a group is not there */
export function matching(selection: Selection, devices: Devices, group: GroupLookup): readonly DeviceView[] {
  const { ids, tag, model } = selection;
  const within = selection.group === undefined ? () => true : heldBy(groupOf(selection.group, group));
  const meets = heldBy({ tag, model });
  const both = (device: DeviceView): boolean => meets(device) && within(device);
  return ids ? listed(ids, devices).filter(both) : inOrder([...devices.devices()].filter(both));
}

/** How many devices each of some groups holds. */
export function sizesOf(groups: readonly Selection[], devices: Devices): number[] {
  const tests = groups.map(heldBy);
  const sizes = tests.map(() => 0);
  for (const device of devices.devices()) {
    for (const [at, holds] of tests.entries()) if (holds(device)) sizes[at] = (sizes[at] ?? 0) + 1;
  }
  return sizes;
}

function groupOf(name: string, group: GroupLookup): Selection {
  const selection = group(name);
  if (!selection) throw new RequestFault('notFound', `there is no group "${name}"`);
  return selection;
}

/** Whom a group holds: of those that it lists, the ones that there still are. */
function heldBy({ ids, tag, model }: Selection): (device: DeviceView) => boolean {
  const among = ids && new Set(ids);
  return (device) =>
    (tag === undefined || device.tags.includes(tag)) &&
    (model === undefined || device.description?.value.model === model) &&
    (among === undefined || among.has(device.id));
}

function listed(ids: readonly string[], devices: Devices): DeviceView[] {
  const found: DeviceView[] = [];
  const unknown: string[] = [];
  for (const id of new Set(ids)) {
    const device = devices.device(id);
    if (device) found.push(device);
    else unknown.push(id);
  }
  if (unknown.length === 0) return found;
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
  throw new RequestFault('notFound', `there is no device ${unknown.slice(0, NAMED).join(', ')}${more}`);
}

const inOrder = (devices: DeviceView[]): DeviceView[] =>
  devices.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

function asked({ ids, tag, model, group }: Selection): string {
  const said = [
    ids && 'of those listed',
    tag !== undefined && `has the tag "${tag}"`,
    model !== undefined && `is a "${model}"`,
    group !== undefined && `is in the group "${group}"`,
  ].filter((part) => part !== false && part !== undefined);
  return said.length > 0 ? said.join(' and ') : 'is registered';
}
