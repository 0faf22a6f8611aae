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

  it('says what is wrong with the hub for as long as the hub does', () => {
    fleet.merge(fleetEvent({ msg: 'the disk is full' }));
    expect(fleet.trouble).toBe('the disk is full');
    fleet.merge(fleetEvent());
    expect(fleet.trouble).toBeUndefined();
  });

  it('keeps tags and losses that a change does not mention', () => {
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', tags: ['hall'], flaps: 3 }] }));
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', place: 'Hall' }] }));
    expect(fleet.entry('lamp')?.device).toMatchObject({ tags: ['hall'], flaps: 3, place: 'Hall' });
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', flaps: 0 }] }));
    expect(fleet.entry('lamp')?.device.flaps).toBe(0);
  });

  it('knows whom two programs use, and counts them, until the hub says that it is over', async () => {
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', twice: NOON }, { did: 'other' }] }));
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', st: STATUS.lost }] }));
    expect(fleet.entry('lamp')).toMatchObject({ isUsedTwice: true, device: { twice: NOON } });
    expect(fleet.entry('other')?.isUsedTwice).toBe(false);
    await vi.waitFor(() => expect(fleet.summary.usedTwice).toBe(1));
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', twice: 0 }] }));
    expect(fleet.entry('lamp')?.isUsedTwice).toBe(false);
    await vi.waitFor(() => expect(fleet.summary.usedTwice).toBe(0));
  });

  it('forgets whom two programs use where the whole no longer says so', () => {
    fleet.merge(fleetEvent({ devs: [{ did: 'lamp', twice: NOON }] }));
    fleet.replace([fleetEvent({ devs: [lamp] })]);
    expect(fleet.entry('lamp')?.isUsedTwice).toBe(false);
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

  it('are given up on where the hub does not tell them again after the link was lost', () => {
    const wish = (st: number, id: number) =>
      commandDelta({ id: Uint8Array.of(id, 2, 3, 4, 5, 6, 7, 8), st, exp: undefined, wver: 1 });
    cmds(wish(COMMAND.created, 1), wish(COMMAND.created, 2));
    fleet.expectCommands(NOON + 1_000);
    cmds(wish(COMMAND.created, 2));
    fleet.tick(NOON + 5_000);
    expect(stages('lamp')).toEqual(['created', 'created']);
    fleet.tick(NOON + 12_000);
    expect(stages('lamp')).toEqual(['created', 'unheard']);
  });

  it('of a batch stand with their device', () => {
    cmds(commandDelta({ st: COMMAND.created, exp: undefined, bid: new Uint8Array(8) }));
    expect(fleet.entry('lamp')?.commands[0]).toMatchObject({ path: 'cmd', batch: '0000000000000000' });
  });

  it('end with the session', () => {
    fleet.putCommand(command());
    fleet.clear();
    fleet.merge(fleetEvent({ devs: [lamp] }));
    expect(stages('lamp')).toEqual([]);
  });
});
