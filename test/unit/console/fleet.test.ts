import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMAND, desc, STATUS } from '#firmware-protocol';
import type { Command } from '#console/fleet/command.ts';
import { Fleet } from '#console/fleet/fleet.svelte.ts';
import { command, commandDelta, fleetEvent, LAMP, NOON } from './samples.ts';

const payload = desc.encode(LAMP);
const dhash = new Uint8Array(createHash('sha256').update(payload).digest().subarray(0, 8));
const lamp = { did: 'lamp', name: 'Lamp', st: STATUS.online, seen: NOON, dhash };

let ended: Command[];
let fleet: Fleet;

beforeEach(() => {
  ended = [];
  fleet = new Fleet((each) => ended.push(each));
  fleet.replace([fleetEvent({ devs: [{ ...lamp, vals: new Map([[1, false]]) }], descs: [payload] })]);
});

const reported = (id: string, pid: number) => fleet.entry(id)?.device.vals.get(pid);
const stages = (id: string) => fleet.entry(id)?.commands.map(({ stage }) => stage);
const cmds = (...deltas: ReturnType<typeof commandDelta>[]) =>
  fleet.takeCommands({ boot: 1, seq: 1, t: NOON, cmds: deltas });

describe('the fleet', () => {
  it('holds what the whole says, and nothing else', () => {
    fleet.merge(fleetEvent({ devs: [{ did: 'other', name: 'Other' }] }));
    fleet.replace([fleetEvent({ devs: [{ did: 'third' }] })]);
    expect(fleet.entry('lamp')).toBeUndefined();
    expect(fleet.entry('other')).toBeUndefined();
    expect(fleet.entry('third')?.name).toBe('third');
  });

  it('changes only the devices that a change names', () => {
    fleet.merge(fleetEvent({ devs: [{ did: 'other', name: 'Other' }] }));
    const untouched = fleet.entry('other')?.device;
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', vals: new Map([[1, true]]) }] }));
    expect(reported('lamp', 1)).toBe(true);
    expect(fleet.entry('other')?.device).toBe(untouched);
  });

  it('forgets devices that are gone', () => {
    fleet.merge(fleetEvent({ gone: ['lamp'] }));
    expect(fleet.entry('lamp')).toBeUndefined();
  });

  it('finds the description by its hash, and records what came before it', async () => {
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', vals: new Map([[4, 83]]) }] }));
    await vi.waitFor(() => expect(fleet.entry('lamp')?.description?.model).toBe('Lamp'));
    expect(fleet.entry('lamp')?.series.get(4)?.values).toEqual([83]);
  });
});

describe('commands in the fleet', () => {
  it('bring what the device reported with its acknowledgement', () => {
    fleet.putCommand(command());
    cmds(commandDelta({ st: COMMAND.done, vals: new Map([[1, true]]) }));
    expect(reported('lamp', 1)).toBe(true);
    expect(stages('lamp')).toEqual(['done']);
    expect(ended.map(({ stage }) => stage)).toEqual(['done']);
  });

  it('are told of as ended once', () => {
    fleet.putCommand(command());
    cmds(commandDelta({ st: COMMAND.rejected }));
    cmds(commandDelta({ st: COMMAND.rejected }));
    expect(ended).toHaveLength(1);
  });

  it('wait for their device where they come before it', () => {
    cmds(commandDelta({ did: 'late', st: COMMAND.sent }));
    fleet.merge(fleetEvent({ devs: [{ did: 'late' }] }));
    expect(stages('late')).toEqual(['sent']);
  });

  it('are given up on when nobody tells their outcome', () => {
    fleet.putCommand(command());
    fleet.tick(NOON + 5_000);
    expect(stages('lamp')).toEqual(['asked']);
    fleet.tick(NOON + 14_000);
    expect(stages('lamp')).toEqual(['unheard']);
  });

  it('are not called unsent when the hub has taken them', () => {
    fleet.putCommand(command());
    cmds(commandDelta({ st: COMMAND.sent }));
    fleet.markUnsent('lamp', command().id, NOON);
    expect(stages('lamp')).toEqual(['sent']);
  });

  it('to the desired document follow the device', () => {
    fleet.putCommand(command({ path: 'desired', want: new Map([[3, 20]]) }));
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', want: new Map([[3, 20]]), wver: 1 }] }));
    expect(stages('lamp')).toEqual(['sent']);
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', dver: 1, vals: new Map([[3, 20]]) }] }));
    expect(stages('lamp')).toEqual(['done']);
  });

  it('end with the session', () => {
    fleet.putCommand(command());
    fleet.clear();
    fleet.merge(fleetEvent({ devs: [lamp] }));
    expect(stages('lamp')).toEqual([]);
  });
});
