import type { DeviceDelta, Value } from '#firmware-protocol';
import { kindFor } from '#device-sim/kinds/index.ts';
import type { Simulated } from '../support/simulator.ts';
import type { DeedLine } from './deeds.ts';

/** What a device only changes when it is told to. */
const TOLD = new Set(['on', 'brightness', 'colour', 'position', 'setpoint']);

const written = (value: Value | undefined): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;

/** Where what a console shows of a device is not what the device last was by its own record, in words. */
export function statesThatDiffer(
  shown: ReadonlyMap<string, DeviceDelta>,
  devices: readonly Simulated[],
  deeds: readonly DeedLine[],
): string[] {
  return devices.flatMap(({ id, kind }) => {
    const own = deeds.findLast(({ device }) => device === id)?.vals;
    if (own === undefined) return [`${id} has done nothing`];
    const properties = kindFor(kind, 0)?.description.props ?? [];
    return properties
      .filter(({ key }) => TOLD.has(key))
      .map(({ pid, key }) => ({ key, told: written(shown.get(id)?.vals?.get(pid)), is: own[key] }))
      .filter(({ told, is }) => told !== is)
      .map(({ key, told, is }) => `${id} is shown with ${key} ${String(told)} and has ${String(is)}`);
  });
}
