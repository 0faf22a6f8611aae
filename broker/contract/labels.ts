import * as z from 'zod/mini';

const label = z.string().check(z.maxLength(80));

/** `PATCH /api/devices/{id}`: what is absent stays as it is. */
export const labels = z.strictObject({
  name: z.optional(label),
  place: z.optional(label),
  tags: z.optional(z.array(label.check(z.minLength(1))).check(z.maxLength(32))),
});
export type Labels = z.infer<typeof labels>;
