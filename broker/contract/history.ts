import * as z from 'zod/mini';

/**
 * Answer of `GET /api/devices/{id}/history?from=&to=&points=&property=` (`property` may come several times; without
 * it, all that there is). Times are Unix time in ms, values physical: `scale` has been applied.
 */
export const history = z.object({
  from: z.number(),
  to: z.number(),
  /** Width of a bucket, in ms. */
  bucket: z.number(),
  series: z.array(
    z.object({
      pid: z.number(),
      key: z.string(),
      /** One entry a bucket that has samples, oldest first; five lists of the same length. */
      t: z.array(z.number()),
      min: z.array(z.number()),
      max: z.array(z.number()),
      mean: z.array(z.number()),
      last: z.array(z.number()),
    }),
  ),
});
export type History = z.infer<typeof history>;
