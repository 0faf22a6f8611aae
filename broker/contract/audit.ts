import * as z from 'zod/mini';

/**
 * Who did what from where: `GET /api/audit?before=&limit=&who=&action=&subject=`, for administrators, the latest
 * first. `GET /api/audit/export?from=&to=&format=` is all of it as a file, the first first.
 */
export const audit = z.object({
  entries: z.array(
    z.object({
      t: z.number(),
      /** "@" and the id of a person or a service, "@hub" for the command line, or a device. */
      who: z.string(),
      /** The address that it was done from; absent for the command line, and for what the hub did by itself. */
      from: z.optional(z.string()),
      /** Such as `device.create`, `session.open`, `session.refuse`. */
      action: z.string(),
      subject: z.string(),
      detail: z.optional(z.unknown()),
    }),
  ),
});
export type Audit = z.infer<typeof audit>;
