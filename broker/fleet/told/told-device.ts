import {
  AWAITED,
  FLAG,
  hasFlag,
  STATUS,
  toPhysical,
  TYPE,
  type Description,
  type Property,
} from '#firmware-protocol';
import type { ToldDevice, ToldDeviceInFull } from '../../contract/device.ts';
import type { DeviceView } from '../selection/device-view.ts';
import { toldValues } from './told-values.ts';

const PRESENCE: ReadonlyMap<number, ToldDevice['presence']> = new Map([
  [STATUS.online, 'online'],
  [STATUS.sleeping, 'sleeping'],
  [STATUS.updating, 'updating'],
  [STATUS.bye, 'left'],
  [STATUS.lost, 'lost'],
  [AWAITED, 'awaited'],
]);

const TYPES = Object.keys(TYPE) as (keyof typeof TYPE)[];

/** What the API says of a device in a list. */
export function toldDevice(device: DeviceView): ToldDevice {
  const { id, name, place, tags, st, since, seenAt, twice, vals, want } = device;
  const description = device.description?.value;
  return {
    id,
    name,
    place,
    tags: [...tags],
    ...(description && { model: description.model }),
    presence: since === undefined && seenAt === undefined ? 'never' : (PRESENCE.get(st) ?? 'lost'),
    ...(since !== undefined && { since }),
    ...(seenAt !== undefined && { seen: seenAt }),
    ...(twice && { twice: { since: twice.since, addresses: [...twice.addresses] } }),
    values: toldValues(vals, description),
    ...(want && { wanted: toldValues(want, description) }),
  };
}

/** The same, with what it can do. */
export function toldDeviceInFull(device: DeviceView): ToldDeviceInFull {
  const description = device.description?.value;
  return {
    ...toldDevice(device),
    ...(description && { firmware: description.fw }),
    properties: (description?.props ?? []).map((property) => ({
      ...toldField(property),
      writable: hasFlag(property, FLAG.writable),
      persistent: hasFlag(property, FLAG.persistent),
    })),
    actions: (description?.acts ?? []).map(toldAction),
  };
}

function toldAction({ key, label, params = [] }: NonNullable<Description['acts']>[number]) {
  return { key, ...(label !== undefined && { label }), params: params.map(toldField) };
}

/** `min`, `max` and `step` in the unit in which people write. */
function toldField(property: Property) {
  const { key, label, type, unit, min, max, step, enum: names } = property;
  return {
    key,
    ...(label !== undefined && { label }),
    type: TYPES[type] ?? ('bytes' as const),
    ...(unit !== undefined && { unit }),
    ...(min !== undefined && { min: toPhysical(property, min) }),
    ...(max !== undefined && { max: toPhysical(property, max) }),
    ...(step !== undefined && { step: toPhysical(property, step) }),
    ...(names && { names: [...names] }),
  };
}
