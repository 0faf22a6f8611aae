import * as z from 'zod/mini';
import { name } from './selection.ts';

const label = z.union([name, z.literal('')]);

/** `PATCH /api/devices/{id}`: what is absent stays as it is. */
export const labels = z.strictObject({
  name: z.optional(label),
  place: z.optional(label),
  tags: z.optional(z.array(name).check(z.maxLength(32))),
});
export type Labels = z.infer<typeof labels>;
