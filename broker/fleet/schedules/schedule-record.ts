import { createHash } from 'node:crypto';
import { schedulePlan, type SchedulePlan, type ToldSchedule } from '../../contract/schedule.ts';
import type { AuditRecord } from '../../store/journal.ts';
import type { RunRecord, ScheduleRecord } from '../../store/schedules.ts';
import { Timing } from './timing.ts';

/** A schedule with its plan understood, and when it is due next. */
export interface Schedule {
  readonly record: ScheduleRecord;
  readonly plan: SchedulePlan;
  readonly timing: Timing;
  /** In Unix ms; undefined where it is over or not in force. */
  readonly next: number | undefined;
}

/** @throws RequestFault where its plan cannot be understood */
export function toSchedule(record: ScheduleRecord): Schedule {
  const plan = schedulePlan.parse(JSON.parse(record.plan));
  const timing = new Timing(plan.when);
  return { record, plan, timing, next: record.enabled ? timing.next(record.doneUntil) : undefined };
}

/** The same schedule, done up to another moment (Unix ms). */
export const doneUntil = (schedule: Schedule, until: number): Schedule => ({
  ...schedule,
  record: { ...schedule.record, doneUntil: until },
  next: schedule.record.enabled ? schedule.timing.next(until) : undefined,
});

/** What the API says of a schedule. @param runs the latest first */
export function toldSchedule({ record, plan, next }: Schedule, runs: readonly RunRecord[]): ToldSchedule {
  const { id, name, who, enabled } = record;
  return {
    id,
    name,
    who,
    enabled: enabled === 1,
    plan,
    ...(next !== undefined && { next }),
    runs: runs.map(({ due, outcome, batch, msg }) => ({
      due,
      outcome,
      ...(batch !== null && { batch }),
      ...(msg !== null && { msg }),
    })),
  };
}

/** What the audit says of a run: nothing where it was missed, and so nothing was done. */
export function runEntries({ who, name }: ScheduleRecord, run: RunRecord, now: number): AuditRecord[] {
  const { schedule, outcome, batch, msg } = run;
  if (outcome === 'missed') return [];
  const detail = { name, outcome, ...(batch !== null && { batch }), ...(msg !== null && { msg }) };
  const deed = { action: 'schedule.run', subject: schedule, detail: JSON.stringify(detail) };
  return [{ t: now, who, address: '', ...deed }];
}

/** The id of the batch of one run: a run that is begun twice, because the hub was killed between, happens once. */
export const batchIdOf = (schedule: string, due: number): string =>
  createHash('sha256').update(`${schedule}:${due}`).digest('hex').slice(0, 16);
