import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMAND, evCmd, evFleet, feedTopic, type FleetEvent } from '#firmware-protocol';
import { Clock } from '#console/app/clock.ts';
import { Batches } from '#console/fleet/batches.svelte.ts';
import { Feeds } from '#console/fleet/feeds.ts';
import { Fleet } from '#console/fleet/fleet.svelte.ts';
import { commandDelta, fleetEvent, NOON } from './samples.ts';

const FLEET = feedTopic('home', 'fleet');
const COMMANDS = feedTopic('home', 'cmd');
const BATCHES = feedTopic('home', 'batch');
const LONG = 60_000;

let fleet: Fleet;
let feeds: Feeds;
let batches: Batches;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  asked = [];
  fleet = new Fleet(() => undefined);
  batches = new Batches();
  feeds = new Feeds('home', fleet, batches, new Clock(), {
    subscribe: (topic) => asked.push(`subscribe ${topic}`),
    renew: (topic) => asked.push(`renew ${topic}`),
  });
  feeds.open();
});

afterEach(() => {
  feeds.close();
  vi.useRealTimers();
});

const receive = (changes: Partial<FleetEvent>) => feeds.receive(FLEET, evFleet.encode(fleetEvent(changes)));
const receiveStep = (seq: number, st: number, boot = 1) =>
  feeds.receive(COMMANDS, evCmd.encode({ boot, seq, t: NOON, cmds: [commandDelta({ st })] }));
const whole = (seq: number) => receive({ seq, part: 0, parts: 1, devs: [{ did: 'lamp' }] });
const renewals = (topic: string) => asked.filter((each) => each === `renew ${topic}`).length;

describe('the feeds', () => {
  it('are subscribed to when the link opens', () => {
    expect(asked).toEqual([`subscribe ${FLEET}`, `subscribe ${COMMANDS}`, `subscribe ${BATCHES}`]);
  });

  it('reach the fleet', () => {
    whole(5);
    receive({ seq: 6, devs: [{ did: 'lamp', name: 'Lamp' }] });
    expect(fleet.entry('lamp')?.name).toBe('Lamp');
  });

  it('are asked for anew at once when a message was lost', () => {
    whole(5);
    receive({ seq: 8 });
    vi.advanceTimersByTime(1);
    expect(renewals(FLEET)).toBe(1);
  });

  it('are asked for ever more slowly when messages keep being lost', () => {
    for (let round = 0; round < 20; round++) {
      whole(5);
      receive({ seq: 8 });
      vi.advanceTimersByTime(500);
    }
    expect(renewals(FLEET)).toBeLessThan(8);
  });

  it('are asked for anew when the whole, or a part of it, never comes', () => {
    receive({ seq: 5, part: 0, parts: 2 });
    // Changes alone are no sign that the rest is on its way.
    for (let seq = 6; seq < 30; seq++) {
      vi.advanceTimersByTime(1_000);
      receive({ seq });
    }
    expect(renewals(FLEET)).toBeGreaterThan(0);
  });

  it('are left alone when all is well', () => {
    whole(5);
    vi.advanceTimersByTime(LONG);
    expect(asked).toHaveLength(3);
  });

  it('count a message that cannot be read as lost', () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    whole(5);
    feeds.receive(FLEET, Uint8Array.of(0xff));
    vi.advanceTimersByTime(1);
    expect(renewals(FLEET)).toBe(1);
    expect(report).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  it('take the steps of commands even where one was lost, and ask for the open ones', () => {
    whole(5);
    receiveStep(3, COMMAND.sent);
    receiveStep(5, COMMAND.done);
    expect(fleet.entry('lamp')?.commands[0]?.stage).toBe('done');
    vi.advanceTimersByTime(1);
    expect(renewals(COMMANDS)).toBe(1);
  });

  it('ask for nothing on a link that is lost', () => {
    whole(5);
    receive({ seq: 8 });
    feeds.close();
    vi.advanceTimersByTime(LONG);
    expect(asked).toHaveLength(3);
  });
});
