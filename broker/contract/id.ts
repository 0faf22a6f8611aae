import * as z from 'zod/mini';

/** An id of a person, a service or a device: what stands in topics and after "@" (SPEC.md 3.2). */
export const id = z.string().check(
  z.regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, {
    error: 'must be 1 to 32 of a–z, 0–9, "_" and "-", beginning with a letter or digit',
  }),
);

/** Unix time in ms until when something is good; null for as long as nobody ends it. */
export const until = z.nullable(z.int().check(z.positive(), z.maximum(2 ** 43)));
