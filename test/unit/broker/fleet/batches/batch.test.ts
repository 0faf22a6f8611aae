import { describe, expect, test } from 'vitest';
import { BATCH, COMMAND } from '#firmware-protocol';
import { batchOrder } from '#broker/contract/batch.ts';
import { Batch } from '#broker/fleet/batches/batch.ts';
import type { Standing } from '#broker/fleet/selection/device-view.ts';

const T = 1_800_000_000_000;
const there = () => 'there' as const;
const away =
  (...gone: string[]) =>
  (id: string) =>
    gone.includes(id) ? 'away' : 'there';

/** A batch for devices d0, d1, … whose commands are all stored. */
function batchOf(devices: number, fields: object = {}): Batch {
  const order = batchOrder.parse({ selection: { all: true }, set: { on: true }, ...fields });
  const ids = Array.from({ length: devices }, (_, at) => `d${at}`);
  const batch = new Batch({ id: 'b', who: '@ada', name: 'on', order, createdAt: T }, devices, ids);
  for (const device of ids) batch.step({ device, from: undefined, st: COMMAND.created });
  return batch;
}

const step = (batch: Batch, device: string, from: number, st: number) => batch.step({ device, from, st });
const finish = (batch: Batch, device: string, st: number = COMMAND.done) =>
  step(batch, device, COMMAND.created, st);

describe('whose turn it is', () => {
  test('everybody at once, where that is allowed, and nobody twice', () => {
    const batch = batchOf(3);
    expect(batch.release(there, T)).toEqual(['d0', 'd1', 'd2']);
    expect(batch.release(there, T)).toEqual([]);
  });

  test('as many as may be under way, and the next when one is over', () => {
    const batch = batchOf(4, { concurrency: 2 });
    expect(batch.release(there, T)).toEqual(['d0', 'd1']);
    step(batch, 'd0', COMMAND.created, COMMAND.sent);
    step(batch, 'd0', COMMAND.sent, COMMAND.accepted);
    expect(batch.release(there, T)).toEqual([]);
    step(batch, 'd0', COMMAND.accepted, COMMAND.done);
    expect(batch.release(there, T)).toEqual(['d2']);
  });

  test('one that waits for its device holds no place until it is sent', () => {
    const batch = batchOf(4, { concurrency: 1, wait: true });
    expect(batch.release(away('d0', 'd1'), T)).toEqual(['d0', 'd1', 'd2']);
    finish(batch, 'd2');
    step(batch, 'd0', COMMAND.created, COMMAND.sent);
    expect(batch.release(there, T)).toEqual([]);
    step(batch, 'd0', COMMAND.sent, COMMAND.done);
    expect(batch.release(there, T)).toEqual(['d3']);
  });

  test('one whose device left after its turn gives its place back within a second', () => {
    const batch = batchOf(2, { concurrency: 1, wait: true });
    expect(batch.release(there, T)).toEqual(['d0']);
    expect(batch.release(there, T)).toEqual([]);
    const due = batch.dueAt() ?? NaN;
    expect(due - T).toBeLessThanOrEqual(1_000);
    expect(batch.release(away('d0'), due)).toEqual(['d1']);
  });

  test('one for whom the hub waits after its own start has its turn once it is back, or is lost', () => {
    const batch = batchOf(4);
    const standing = new Map<string, Standing>([
      ['d0', 'awaited'],
      ['d2', 'awaited'],
    ]);
    const of = (id: string): Standing => standing.get(id) ?? 'there';
    expect(batch.release(of, T)).toEqual(['d1', 'd3']);
    standing.set('d2', 'there');
    const due = batch.dueAt() ?? NaN;
    expect(batch.release(of, due)).toEqual(['d2']);
    expect(batch.release(of, due + 500)).toEqual([]);
    standing.set('d0', 'away');
    expect(batch.dueAt()).toBe(due + 1_000);
    expect(batch.release(of, due + 1_000)).toEqual(['d0']);
    expect(batch.dueAt()).toBeUndefined();
  });

  test('one that was replaced before its turn has none', () => {
    const batch = batchOf(2, { concurrency: 1 });
    batch.release(there, T);
    finish(batch, 'd1', COMMAND.cancelled);
    finish(batch, 'd0');
    expect(batch.release(there, T)).toEqual([]);
    expect(batch.verdict(T)).toEqual({ st: BATCH.done, t: T });
  });

  test('no second begins more than the rate, and a minute nearly all of it', () => {
    const batch = batchOf(2_000, { rate: 20, concurrency: 20_000 });
    const begun: number[] = [];
    for (let now = T; now < T + 60_000; now += 7) {
      const due = batch.dueAt() ?? Infinity;
      const turn = batch.release(there, now);
      if (turn.length > 0) expect(due).toBeLessThanOrEqual(now);
      begun.push(...turn.map(() => now));
    }
    for (const from of begun) {
      expect(begun.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(20);
    }
    expect(begun.length).toBeGreaterThan(60 * 20 * 0.9);
  });

  test('a clock that is set back holds up nobody', () => {
    const batch = batchOf(3, { rate: 1 });
    expect(batch.release(there, T)).toHaveLength(1);
    expect(batch.release(there, T - 3_600_000)).toHaveLength(1);
    expect(batch.release(there, T - 3_600_000)).toHaveLength(0);
  });

  test('nor does it keep the place of a device that has left', () => {
    const batch = batchOf(2, { concurrency: 1, wait: true });
    expect(batch.release(there, T)).toEqual(['d0']);
    expect(batch.release(away('d0'), T - 3_600_000)).toEqual(['d1']);
  });
});

describe('how it ends', () => {
  test('done, once all are over, whatever became of them', () => {
    const batch = batchOf(2);
    batch.release(there, T);
    finish(batch, 'd0');
    expect(batch.verdict(T)).toBeUndefined();
    finish(batch, 'd1', COMMAND.failed);
    expect(batch.verdict(T + 5)).toEqual({ st: BATCH.done, t: T + 5 });
    batch.settle({ st: BATCH.done, t: T + 5 });
    expect(batch.verdict(T + 6)).toBeUndefined();
  });

  test('stopped, once more than the share of all devices failed', () => {
    const batch = batchOf(10, { stopAt: 20, concurrency: 5 });
    batch.release(there, T);
    finish(batch, 'd0', COMMAND.timedOut);
    finish(batch, 'd1', COMMAND.rejected);
    expect(batch.verdict(T)).toBeUndefined();
    finish(batch, 'd2', COMMAND.unknown);
    expect(batch.verdict(T)).toEqual({
      st: BATCH.stopped,
      t: T,
      msg: '3 of 10 devices failed, which is more than 20 %',
    });
    expect(batch.release(there, T)).toEqual([]);
    expect(batch.dueAt()).toBeUndefined();
  });

  test('at a share of 0 the first failure stops it, and a withdrawn command is none', () => {
    const batch = batchOf(3, { stopAt: 0 });
    finish(batch, 'd0', COMMAND.cancelled);
    expect(batch.verdict(T)).toBeUndefined();
    finish(batch, 'd1', COMMAND.expired);
    expect(batch.verdict(T)?.st).toBe(BATCH.stopped);
  });

  test('a late answer changes the count and not the end', () => {
    const batch = batchOf(1);
    batch.release(there, T);
    step(batch, 'd0', COMMAND.created, COMMAND.sent);
    step(batch, 'd0', COMMAND.sent, COMMAND.timedOut);
    batch.settle({ st: BATCH.done, t: T });
    step(batch, 'd0', COMMAND.timedOut, COMMAND.done);
    expect(batch.tally[COMMAND.done]).toBe(1);
    expect(batch.tally[COMMAND.timedOut]).toBe(0);
    expect([batch.over, batch.stage.st]).toEqual([true, BATCH.done]);
  });

  test('a device that is removed is waited for no longer', () => {
    const batch = batchOf(2);
    batch.release(there, T);
    finish(batch, 'd0');
    batch.removed('d1');
    expect([batch.devices, batch.verdict(T)?.st]).toEqual([1, BATCH.done]);
    batch.removed('d0');
    expect(batch.devices).toBe(1);
  });
});
