import type { Value } from '#firmware-protocol';
import { isOpen, type Command } from './command.ts';
import type { Device } from './device.ts';
import { sameValue } from './same-value.ts';

function took(command: Command, device: Device): boolean {
  return [...command.want].every(([pid, value]) => sameValue(device.want.get(pid), value));
}

function follow(command: Command, before: Device | undefined, device: Device, now: number): Command {
  if (command.path !== 'desired' || !isOpen(command)) return command;
  if (command.version === undefined) {
    const taken = device.wver > (before?.wver ?? 0) && took(command, device);
    if (!taken) return command;
    return follow({ ...command, stage: 'sent', at: now, version: device.wver }, before, device, now);
  }
  if (device.dver < command.version) return command;
  const code = [...command.want.keys()].map((pid) => device.errs.get(pid)).find((each) => each !== undefined);
  return { ...command, stage: code === undefined ? 'done' : 'failed', code, reported: device.vals, at: now };
}

/**
 * Reads the fate of requests to the desired document from a change of its device: taken by the hub when the
 * document holds it, done when the device has applied that version. The same list where nothing changed.
 */
export function followDesired(
  commands: readonly Command[],
  before: Device | undefined,
  device: Device,
  now: number,
): readonly Command[] {
  const followed = commands.map((command) => follow(command, before, device, now));
  return followed.every((command, at) => command === commands[at]) ? commands : followed;
}

/** What a device should have but does not, although it says that it applied the wish: somebody changed it there. */
export function drift(device: Device, pid: number): Value | undefined {
  const wanted = device.want.get(pid);
  if (wanted === undefined || device.dver < device.wver || device.errs.has(pid)) return undefined;
  return sameValue(wanted, device.vals.get(pid)) ? undefined : wanted;
}
