import { describe, expect, it } from 'vitest';
import { CODE } from '#firmware-protocol';
import { actionState, CONFIRMATION_MS, FAILURE_MS, propertyState } from '#console/fleet/control-state.ts';
import { command, device, NOON } from './samples.ts';

const off = device({ vals: new Map([[1, false]]) });
const on = device({ vals: new Map([[1, true]]) });

describe('a control written through commands', () => {
  it('is idle when nothing was asked', () => {
    expect(propertyState(off, [], 1, NOON)).toEqual({ kind: 'idle' });
  });

  it.each(['asked', 'created', 'sent', 'accepted', 'progress'] as const)(
    'is pending while its command is %s, with who wants what',
    (stage) => {
      expect(propertyState(off, [command({ stage, who: '@ada' })], 1, NOON + 50)).toMatchObject({
        kind: 'pending',
        want: true,
        who: '@ada',
        stage,
      });
    },
  );

  it('is confirmed when the device did it and reports it, for a moment', () => {
    const done = [command({ stage: 'done', at: NOON + 100 })];
    expect(propertyState(on, done, 1, NOON + 200)).toEqual({ kind: 'confirmed' });
    expect(propertyState(on, done, 1, NOON + 100 + CONFIRMATION_MS)).toEqual({ kind: 'idle' });
  });

  it('says what waits, until when, and what takes it back', () => {
    const waiting = command({ stage: 'created', expiresAt: NOON + 60_000 });
    expect(propertyState(off, [waiting], 1, NOON + 50)).toMatchObject({
      kind: 'pending',
      kept: false,
      until: NOON + 60_000,
      withdrawable: waiting.id,
    });
    expect(propertyState(off, [{ ...waiting, stage: 'sent' }], 1, NOON)).toMatchObject({
      withdrawable: undefined,
    });
  });

  it('is idle when its command was taken back', () => {
    expect(propertyState(off, [command({ stage: 'cancelled' })], 1, NOON + 50)).toEqual({ kind: 'idle' });
  });

  it('is not confirmed before the device reports it', () => {
    const done = [command({ stage: 'done', at: NOON + 100 })];
    expect(propertyState(off, done, 1, NOON + 200).kind).toBe('pending');
    expect(propertyState(off, done, 1, NOON + 60_000).kind).toBe('idle');
  });

  it('is not pending again when a value that the device reported as done changes once more', () => {
    const done = [command({ stage: 'done', at: NOON + 100, reported: new Map([[1, true]]) })];
    expect(propertyState(off, done, 1, NOON + 200)).toEqual({ kind: 'idle' });
  });

  it.each(['failed', 'rejected', 'expired', 'timedOut', 'unknown', 'unsent', 'unheard'] as const)(
    'shows for a while that its command is %s, and why',
    (stage) => {
      const ended = [command({ stage, code: CODE.busy, msg: 'motor is moving', at: NOON + 100 })];
      expect(propertyState(off, ended, 1, NOON + 200)).toMatchObject({
        kind: 'failed',
        stage,
        code: CODE.busy,
        msg: 'motor is moving',
      });
      expect(propertyState(off, ended, 1, NOON + 100 + FAILURE_MS)).toEqual({ kind: 'idle' });
    },
  );

  it('follows the newest command for its property alone', () => {
    const commands = [
      command({ id: 'c', want: new Map([[2, 7]]), stage: 'failed' }),
      command({ id: 'b', stage: 'sent' }),
      command({ id: 'a', stage: 'failed' }),
    ];
    expect(propertyState(off, commands, 1, NOON + 100).kind).toBe('pending');
  });

  it('takes a number back from binary32 for the one that was sent', () => {
    const reported = device({ vals: new Map([[2, Math.fround(0.1)]]) });
    const done = [command({ stage: 'done', want: new Map([[2, 0.1]]) })];
    expect(propertyState(reported, done, 2, NOON).kind).toBe('confirmed');
  });

  it('takes a colour for the same when its bytes are', () => {
    const reported = device({ vals: new Map([[3, Uint8Array.of(1, 2, 3)]]) });
    const done = [command({ stage: 'done', want: new Map([[3, Uint8Array.of(1, 2, 3)]]) })];
    expect(propertyState(reported, done, 3, NOON).kind).toBe('confirmed');
  });
});

describe('a control of a persistent property', () => {
  const wanting = { want: new Map([[1, true]]), wver: 4, who: '@ada' };

  it('is pending while the device has not applied the document, whoever wrote it', () => {
    const waiting = device({ ...wanting, dver: 3, vals: new Map([[1, false]]) });
    expect(propertyState(waiting, [], 1, NOON)).toMatchObject({ kind: 'pending', want: true, who: '@ada' });
  });

  it('has its wish kept while the device is away', () => {
    const away = device({ ...wanting, st: 0, dver: 3, vals: off.vals });
    expect(propertyState(away, [], 1, NOON)).toMatchObject({
      stage: 'created',
      kept: true,
      until: undefined,
    });
  });

  it('is idle where the document asks for what is there already', () => {
    expect(propertyState(device({ ...wanting, dver: 3, vals: on.vals }), [], 1, NOON).kind).toBe('idle');
  });

  it('stays failed for as long as the device says so', () => {
    const failed = device({ ...wanting, dver: 4, vals: off.vals, errs: new Map([[1, CODE.range]]) });
    expect(propertyState(failed, [], 1, NOON + 1e9)).toMatchObject({ kind: 'failed', code: CODE.range });
  });

  it('is not failed by an error of an older document', () => {
    const retried = device({
      ...wanting,
      wver: 5,
      dver: 4,
      vals: off.vals,
      errs: new Map([[1, CODE.range]]),
    });
    expect(propertyState(retried, [], 1, NOON).kind).toBe('pending');
  });
});

describe('the button of an action', () => {
  const run = { want: new Map(), op: 7 };

  it('shows how far the device has come', () => {
    const running = command({ ...run, stage: 'progress', pct: 40 });
    expect(actionState([running], 7, NOON)).toMatchObject({ kind: 'pending', pct: 40, want: undefined });
  });

  it('is confirmed, failed and idle like a control', () => {
    expect(actionState([command({ ...run, stage: 'done' })], 7, NOON).kind).toBe('confirmed');
    expect(actionState([command({ ...run, stage: 'failed' })], 7, NOON).kind).toBe('failed');
    expect(actionState([command({ ...run, stage: 'done' })], 7, NOON + 1e6).kind).toBe('idle');
    expect(actionState([command({ ...run, stage: 'failed' })], 8, NOON).kind).toBe('idle');
  });
});
