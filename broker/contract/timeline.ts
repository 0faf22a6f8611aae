import * as z from 'zod/mini';
import { toldCommand } from './batch.ts';

/** What happened to a device: `GET /api/devices/{id}/timeline?before=&limit=`, the latest first. */
export const timeline = z.object({
  entries: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('presence'),
        t: z.number(),
        state: z.enum(['online', 'sleeping', 'updating', 'left', 'lost']),
        why: z.optional(z.string()),
      }),
      z.object({
        kind: z.literal('event'),
        t: z.number(),
        vals: z.record(z.string(), z.union([z.boolean(), z.number(), z.string(), z.null()])),
        msg: z.optional(z.string()),
      }),
      z.object({ kind: z.literal('command'), t: z.number(), command: toldCommand }),
    ]),
  ),
});
export type Timeline = z.infer<typeof timeline>;

/** Who did what: `GET /api/audit?before=&limit=`, for administrators, the latest first. */
export const audit = z.object({
  entries: z.array(
    z.object({
      t: z.number(),
      who: z.string(),
      action: z.string(),
      subject: z.string(),
      detail: z.optional(z.unknown()),
    }),
  ),
});
export type Audit = z.infer<typeof audit>;
