import type { Fleet } from './fleet/fleet.ts';
import type { History } from './history/history.ts';
import { counter, gauge, type Metric } from './metrics/exposition.ts';

/** What the devices of the hub are doing, and whether it can keep what they say. */
export function fleetMetrics(fleet: Pick<Fleet, 'count' | 'trouble'>, history: Pick<History, 'state'>): Metric[] {
  const { devices, online, twice, lost } = fleet.count();
  const { samples, bytes, dropped } = history.state();
  return [
    gauge('switchyard_degraded', '1 while the hub cannot store what it must.', fleet.trouble === undefined ? 0 : 1),
    gauge('switchyard_devices', 'Devices that are registered.', devices),
    gauge('switchyard_devices_online', 'Devices that have a link.', online),
    gauge('switchyard_devices_twice', 'Devices whose id two programs use at once.', twice),
    counter('switchyard_device_messages_lost_total', 'Messages of devices that never came.', lost),
    gauge('switchyard_history_samples', 'Samples of telemetry that are kept.', samples),
    gauge('switchyard_history_bytes', 'Bytes that they take on the disk.', bytes),
    counter('switchyard_history_dropped_total', 'Samples of telemetry that could not be kept.', dropped),
  ];
}
