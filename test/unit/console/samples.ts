import {
  COMMAND,
  FLAG,
  TYPE,
  type CommandDelta,
  type Description,
  type FleetEvent,
} from '#firmware-protocol';
import { mergeDelta, type Device } from '#console/fleet/device.ts';
import type { Command } from '#console/fleet/command.ts';

/** 2026-01-01T12:00:00Z, hub time of every sample. */
export const NOON = 1_767_268_800_000;

export const LAMP: Description = {
  proto: [1, 0],
  model: 'Lamp',
  fw: '1.0',
  props: [
    { pid: 1, key: 'power', type: TYPE.bool, flags: FLAG.writable, label: 'Power' },
    { pid: 2, key: 'level', type: TYPE.int, flags: FLAG.writable, label: 'Level', min: 0, max: 100 },
    {
      pid: 3,
      key: 'fade',
      type: TYPE.int,
      flags: FLAG.writable | FLAG.persistent,
      label: 'Fade time',
      unit: 's',
      scale: -1,
    },
    { pid: 4, key: 'watts', type: TYPE.int, flags: FLAG.sampled, label: 'Power drawn', unit: 'W', scale: -1 },
  ],
  acts: [
    { pid: 7, key: 'blink', label: 'Blink', params: [{ pid: 0, key: 's', type: TYPE.int, unit: 's' }] },
    { pid: 240, key: 'identify', label: 'Identify' },
  ],
};

export const device = (changes: Partial<Device> = {}): Device => ({
  ...mergeDelta(undefined, { did: 'lamp', name: 'Lamp', st: 1, seen: NOON }, NOON),
  ...changes,
});

/** A command just asked for, as this console notes it. */
export const command = (changes: Partial<Command> = {}): Command => ({
  id: '0102030405060708',
  device: 'lamp',
  path: 'cmd',
  stage: 'asked',
  who: '@owner',
  batch: undefined,
  want: new Map([[1, true]]),
  op: undefined,
  args: [],
  askedAt: NOON,
  at: NOON,
  expiresAt: NOON + 10_000,
  pct: undefined,
  reported: undefined,
  code: undefined,
  msg: undefined,
  steps: [],
  ...changes,
});

/** A step of the same command, as the hub tells it. */
export const commandDelta = (changes: Partial<CommandDelta> = {}): CommandDelta => ({
  did: 'lamp',
  id: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  who: '@owner',
  st: COMMAND.sent,
  t: NOON + 100,
  exp: NOON + 10_000,
  ...changes,
});

export const fleetEvent = (changes: Partial<FleetEvent> = {}): FleetEvent => ({
  boot: 1,
  seq: 1,
  t: NOON,
  devs: [],
  ...changes,
});
