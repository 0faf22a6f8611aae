import type { Selection } from '../../contract/selection.ts';
import { RequestFault } from '../request-fault.ts';
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
  const within = selection.group === undefined ? undefined : membersOf(selection.group, devices, group);
  const meets = (device: DeviceView): boolean =>
    (tag === undefined || device.tags.includes(tag)) &&
    (model === undefined || device.description?.value.model === model) &&
    (within === undefined || within.has(device.id));
  return (ids ? listed(ids, devices) : inOrder(devices)).filter(meets);
}

/** A fixed group holds those of its devices that there still are: removing a device must not break its groups. */
function membersOf(name: string, devices: Devices, group: GroupLookup): ReadonlySet<string> {
  const selection = group(name);
  if (!selection) throw new RequestFault('notFound', `there is no group "${name}"`);
  const { ids, ...rest } = selection;
  const there = ids?.filter((id) => devices.device(id));
  const members = matching(there ? { ...rest, ids: there } : rest, devices, () => undefined);
  return new Set(members.map(({ id }) => id));
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

const inOrder = (devices: Devices): DeviceView[] =>
  [...devices.devices()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

function asked({ ids, tag, model, group }: Selection): string {
  const said = [
    ids && 'of those listed',
    tag !== undefined && `has the tag "${tag}"`,
    model !== undefined && `is a "${model}"`,
    group !== undefined && `is in the group "${group}"`,
  ].filter((part) => part !== false && part !== undefined);
  return said.length > 0 ? said.join(' and ') : 'is registered';
}
