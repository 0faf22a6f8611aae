import type { Value } from '#firmware-protocol';
import type { Device } from './device.ts';
import { sameValue } from './same-value.ts';

/** What a device should have but does not, although it says that it applied the wish: somebody changed it there. */
export function drift(device: Device, pid: number): Value | undefined {
  const wanted = device.want.get(pid);
  if (wanted === undefined || device.dver < device.wver || device.errs.has(pid)) return undefined;
  return sameValue(wanted, device.vals.get(pid)) ? undefined : wanted;
}
