import * as z from 'zod/mini';
import { batchOrder } from './batch.ts';
import { name } from './selection.ts';

/** When: once, at a Unix time in ms, or again and again by a cron expression of five fields in a time zone of the IANA database. */
const when = z.union([
  z.strictObject({ at: z.int().check(z.minimum(0)) }),
  z.strictObject({
    cron: z.string().check(z.minLength(1), z.maxLength(120)),
    zone: z.string().check(z.minLength(1), z.maxLength(64)),
  }),
]);

/** When and what; its name and whether it is in force stand beside it. */
export const schedulePlan = z.strictObject({ when, batch: batchOrder });
export type SchedulePlan = z.infer<typeof schedulePlan>;

/** `POST /api/schedules` and `PUT /api/schedules/{id}`. */
export const scheduleRequest = z.strictObject({
  name,
  enabled: z._default(z.boolean(), true),
  plan: schedulePlan,
});
export type ScheduleRequest = z.infer<typeof scheduleRequest>;

/** A schedule, as `GET /api/schedules` tells it. Times are Unix time in ms. */
export const toldSchedule = z.object({
  id: z.string(),
  name: z.string(),
  who: z.string(),
  enabled: z.boolean(),
  plan: schedulePlan,
  /** When it is due next, or absent where it is over or not in force. */
  next: z.optional(z.number()),
  /** The latest first. */
  runs: z.array(
    z.object({
      due: z.number(),
      outcome: z.enum(['started', 'missed', 'failed']),
      batch: z.optional(z.string()),
      msg: z.optional(z.string()),
    }),
  ),
});
export type ToldSchedule = z.infer<typeof toldSchedule>;
