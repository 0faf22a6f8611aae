import * as z from 'zod/mini';
import { written } from './batch.ts';

/**
 * How a device is there, or is not. `awaited` is one that was there when the hub stopped and may come back, `never`
 * one that has not connected yet.
 */
export const PRESENCES = ['online', 'sleeping', 'updating', 'left', 'lost', 'awaited', 'never'] as const;

/** Values by the keys of their properties; null where the device has no reading. */
const values = z.record(z.string(), z.nullable(written));

/** A device, as `GET /api/devices` tells it. Times are Unix time in ms. */
export const toldDevice = z.object({
  id: z.string(),
  name: z.string(),
  place: z.string(),
  tags: z.array(z.string()),
  /** Absent until the device has described itself. */
  model: z.optional(z.string()),
  presence: z.enum(PRESENCES),
  /** Since when, and when it was last heard of; absent of one that never connected. */
  since: z.optional(z.number()),
  seen: z.optional(z.number()),
  /** Since when two programs use its id at once, and the addresses of both; absent where none do. */
  twice: z.optional(z.object({ since: z.number(), addresses: z.array(z.string()) })),
  values,
  wanted: z.optional(values),
});
export type ToldDevice = z.infer<typeof toldDevice>;

const field = {
  key: z.string(),
  label: z.optional(z.string()),
  type: z.enum(['bool', 'int', 'float', 'enum', 'text', 'bytes', 'rgb', 'event']),
  unit: z.optional(z.string()),
  /** In the unit, as people write it. */
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  step: z.optional(z.number()),
  names: z.optional(z.array(z.string())),
};

/** What a device can do, beside the rest: `GET /api/devices/{id}`. */
export const toldDeviceInFull = z.extend(toldDevice, {
  firmware: z.optional(z.string()),
  properties: z.array(
    z.object({
      ...field,
      /** Whether it can be written, and whether what is wanted of it waits for a device that is away. */
      writable: z.boolean(),
      persistent: z.boolean(),
    }),
  ),
  actions: z.array(
    z.object({ key: z.string(), label: z.optional(z.string()), params: z.array(z.object(field)) }),
  ),
});
export type ToldDeviceInFull = z.infer<typeof toldDeviceInFull>;
