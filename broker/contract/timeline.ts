import * as z from 'zod/mini';
import { toldCommand, written } from './batch.ts';

const presence = z.object({
  kind: z.literal('presence'),
  t: z.number(),
  state: z.enum(['online', 'sleeping', 'updating', 'left', 'lost']),
  why: z.optional(z.string()),
});

const event = z.object({
  kind: z.literal('event'),
  t: z.number(),
  vals: z.record(z.string(), z.nullable(written)),
  msg: z.optional(z.string()),
});

const command = z.object({ kind: z.literal('command'), t: z.number(), command: toldCommand });

/** What the device itself did. As it is stored, `vals` has property ids, and values in wire units. */
export const happened = z.discriminatedUnion('kind', [presence, event]);

/**
 * What happened to a device: `GET /api/devices/{id}/timeline?before=&limit=`, the latest first. A command stands where
 * it was asked for.
 */
export const timeline = z.object({
  entries: z.array(z.discriminatedUnion('kind', [presence, event, command])),
});
export type Timeline = z.infer<typeof timeline>;
