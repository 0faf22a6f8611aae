import { describe, expect, it } from 'vitest';
import { schedulePlan } from '#broker/contract/schedule.ts';
import { describeSelection, describeWhen } from '#console/pages/schedules/describe-plan.ts';
import { targetsFor } from '#console/pages/schedules/targets.ts';
import { formOf, freshWhen, localMoment, whenOf } from '#console/pages/schedules/when.ts';
import { NOON } from './samples.ts';

const fresh = freshWhen(NOON, 'Asia/Seoul');

describe('when a schedule runs', () => {
  it.each([
    [
      { ...fresh, kind: 'daily', time: '07:05' },
      { cron: '5 7 * * *', zone: 'Asia/Seoul' },
    ],
    [
      { ...fresh, kind: 'weekly', time: '18:30', days: [5, 1] },
      { cron: '30 18 * * 1,5', zone: 'Asia/Seoul' },
    ],
    [
      { ...fresh, kind: 'cron', cron: ' */5 * * * * ' },
      { cron: '*/5 * * * *', zone: 'Asia/Seoul' },
    ],
  ] as const)('is said by the form %#, as the hub takes it', (form, when) => {
    expect(whenOf(form)).toEqual(when);
    const batch = { selection: { all: true }, set: { power: true } };
    expect(schedulePlan.safeParse({ when, batch }).success).toBe(true);
  });

  it('once is a moment of whoever looks', () => {
    expect(whenOf({ ...fresh, kind: 'once', moment: localMoment(NOON) })).toEqual({ at: NOON });
  });

  it.each([
    { ...fresh, kind: 'once', moment: '' },
    { ...fresh, kind: 'daily', time: '' },
    { ...fresh, kind: 'daily', zone: ' ' },
    { ...fresh, kind: 'weekly', days: [] },
    { ...fresh, kind: 'cron', cron: ' ' },
  ] as const)('is not said by an incomplete form %#', (form) => {
    expect(whenOf(form)).toBeUndefined();
  });

  it.each([
    ['0 7 * * *', { kind: 'daily', time: '07:00' }],
    ['5 18 * * 1,5', { kind: 'weekly', time: '18:05', days: [1, 5] }],
    ['0 6 * * 1-5', { kind: 'weekly', time: '06:00', days: [1, 2, 3, 4, 5] }],
    ['0 7 1 * *', { kind: 'cron', cron: '0 7 1 * *' }],
    ['*/5 * * * *', { kind: 'cron', cron: '*/5 * * * *' }],
  ] as const)('%s is edited in the simplest form that says the same', (cron, form) => {
    expect(formOf({ cron, zone: 'Europe/Berlin' }, fresh)).toMatchObject({ ...form, zone: 'Europe/Berlin' });
  });

  it('is told in words', () => {
    expect(describeWhen({ cron: '0 7 * * *', zone: 'Asia/Seoul' }, NOON)).toBe(
      'Every day at 07:00, Asia/Seoul',
    );
    expect(describeWhen({ cron: '0 7 * * 1-2', zone: 'UTC' }, NOON)).toBe('Mon Tue at 07:00, UTC');
    expect(describeWhen({ cron: '0 7 1 * *', zone: 'UTC' }, NOON)).toBe('0 7 1 * *, UTC');
  });
});

describe('whom a schedule is for', () => {
  const known = { tags: ['hall'], models: ['Lamp'] };
  const labels = (...args: Parameters<typeof targetsFor>) => targetsFor(...args).map(({ label }) => label);

  it('is everybody, a group, a tag or a model', () => {
    expect(labels(undefined, [], known, ['Evening'])).toEqual([
      'All devices',
      'Group Evening',
      'Tag hall',
      'Model Lamp',
    ]);
  });

  it('is what was selected, first', () => {
    const [first] = targetsFor(undefined, ['a', 'b'], known, []);
    expect(first).toEqual({ label: '2 devices, as selected in the fleet', selection: { ids: ['a', 'b'] } });
  });

  it('is what it was before, first and once', () => {
    expect(labels({ tag: 'hall' }, [], known, [])).toEqual(['Tag hall', 'All devices', 'Model Lamp']);
    expect(labels({ tag: 'gone', model: 'Lamp' }, [], known, [])[0]).toBe('Tag gone, Model Lamp');
    expect(describeSelection({ ids: ['a'] })).toBe('1 device, as listed');
  });
});
