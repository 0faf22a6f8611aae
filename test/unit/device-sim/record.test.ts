import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deedLine } from '#device-sim/deed.ts';
import { openRecord } from '#device-sim/record.ts';
import { UserError } from '#device-sim/user-error.ts';
import { Bench, commandId } from './bench-device.ts';

const did = (bench: Bench): string[] => bench.deeds.map((deed) => deed.did);

describe('what a device did', () => {
  it('is that it ran a command and how it ended, once however often it comes', () => {
    const lamp = Bench.online('lamp');
    const id = commandId();
    for (let n = 0; n < 3; n++) lamp.write({ 1: true }, { id });
    expect(did(lamp)).toEqual(['run', 'done']);
    expect(lamp.deeds[1]).toMatchObject({ id, boot: 1 });
    expect(lamp.deeds[1]?.reported.get(1)).toBe(true);
  });

  it('is nothing where a command was rejected', () => {
    const lamp = Bench.online('lamp');
    lamp.write({ 2: 101 });
    lamp.write({ 1: true }, { exp: 1 });
    lamp.command({ op: 99 });
    expect(did(lamp)).toEqual([]);
  });

  it('has the end of a command that takes its time when it comes, and of one that another replaces', () => {
    const blind = Bench.online('blind');
    blind.write({ 1: 0 });
    blind.pass(30_000);
    blind.deeds.length = 0;
    blind.write({ 1: 100 });
    expect(did(blind)).toEqual(['run']);
    blind.write({ 1: 1 });
    expect(did(blind).toSorted()).toEqual(['failed', 'run', 'run']);
    blind.pass(30_000);
    expect(did(blind).at(-1)).toBe('done');
  });

  it('is known although nobody could be told', () => {
    const blind = Bench.online('blind');
    blind.write({ 1: 0 });
    blind.pass(30_000);
    blind.write({ 1: 50 });
    blind.device.disconnected();
    blind.deeds.length = 0;
    blind.pass(30_000);
    expect(did(blind)).toEqual(['done']);
  });

  it('names the desired document that was taken over, once', () => {
    const thermostat = Bench.online('thermostat');
    thermostat.desire({ ver: 3, vals: new Map([[1, 200]]) });
    thermostat.desire({ ver: 3, vals: new Map([[1, 300]]) });
    expect(thermostat.deeds).toMatchObject([{ did: 'desired', dver: 3 }]);
  });
});

describe('the record', () => {
  it('has a line of JSON for each deed, added to what is there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-record-'));
    const file = join(folder, 'deeds.ndjson');
    const lamp = Bench.online('lamp');
    lamp.write({ 1: true, 3: Uint8Array.of(255, 128, 0) }, { id: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 255) });
    for (const deed of lamp.deeds) openRecord(file)('hall', deed);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { device: 'hall', boot: 1, did: 'run', id: '00010203040506ff' },
      { device: 'hall', boot: 1, did: 'done', id: '00010203040506ff', vals: { on: true, colour: 'ff8000' } },
    ]);
    rmSync(folder, { recursive: true });
  });

  it('leaves out what the line need not say', () => {
    const lamp = Bench.online('lamp');
    lamp.write({ 1: true });
    const line = JSON.parse(deedLine('hall', lamp.deeds[0] as (typeof lamp.deeds)[0], 5)) as object;
    expect(Object.keys(line)).toEqual(['t', 'device', 'did', 'id', 'boot', 'vals']);
  });

  it('says what is wrong where it cannot be written', () => {
    expect(() => openRecord('/nowhere/deeds.ndjson')).toThrow(UserError);
    expect(() => openRecord('/nowhere/deeds.ndjson')).toThrow(/--record/);
  });
});
