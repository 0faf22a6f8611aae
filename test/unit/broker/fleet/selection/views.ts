import { desc, FLAG, STATUS, TYPE, type Description } from '#firmware-protocol';
import { Descriptions, type KnownDescription } from '#broker/fleet/devices/description.ts';
import type { Devices, DeviceView } from '#broker/fleet/selection/device-view.ts';

export const describe = (model: string, fields: Partial<Description> = {}): KnownDescription =>
  new Descriptions().learn(
    desc.encode({
      proto: [1, 0],
      model,
      fw: '1',
      props: [{ pid: 1, key: 'power', type: TYPE.float }],
      ...fields,
    }),
  );

const { writable, persistent } = FLAG;

/** A lamp with a property of each type, two that last, and two actions. */
export const lamp = describe('lamp', {
  props: [
    { pid: 1, key: 'on', type: TYPE.bool, flags: writable, label: 'Light' },
    { pid: 2, key: 'level', type: TYPE.int, flags: writable, min: 0, max: 100, unit: '%' },
    { pid: 3, key: 'start', type: TYPE.int, flags: writable | persistent, min: 0, max: 100 },
    {
      pid: 4,
      key: 'warmth',
      type: TYPE.int,
      flags: writable,
      scale: -1,
      min: 50,
      max: 300,
      step: 5,
      unit: '°C',
    },
    { pid: 5, key: 'mode', type: TYPE.enum, flags: writable | persistent, enum: ['off', 'heat', 'cool'] },
    { pid: 6, key: 'colour', type: TYPE.rgb, flags: writable },
    { pid: 7, key: 'title', type: TYPE.text, flags: writable },
    { pid: 8, key: 'key', type: TYPE.bytes, flags: writable },
    { pid: 9, key: 'gain', type: TYPE.float, flags: writable, scale: 3, min: 0 },
    { pid: 10, key: 'energy', type: TYPE.int, scale: -3, unit: 'kWh' },
  ],
  acts: [
    { pid: 30, key: 'identify' },
    {
      pid: 31,
      key: 'blink',
      params: [
        { pid: 1, key: 'times', type: TYPE.int, min: 1, max: 5 },
        { pid: 2, key: 'colour', type: TYPE.rgb },
      ],
    },
  ],
});

export const view = (id: string, fields: Partial<DeviceView> = {}): DeviceView => ({
  id,
  name: id,
  place: '',
  tags: [],
  description: lamp,
  vals: new Map(),
  st: STATUS.online,
  linked: true,
  ...fields,
});

export function devicesOf(
  ...views: readonly DeviceView[]
): Devices & { readonly map: Map<string, DeviceView> } {
  const map = new Map(views.map((each) => [each.id, each]));
  return { map, devices: () => map.values(), device: (id) => map.get(id) };
}
