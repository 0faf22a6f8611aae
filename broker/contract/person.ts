import * as z from 'zod/mini';
import { id } from './id.ts';
import { name } from './selection.ts';
import { role } from './session.ts';

/** A person, as `GET /api/people` tells them, for administrators. */
export const toldPerson = z.object({
  id: z.string(),
  name: z.string(),
  role,
  createdAt: z.number(),
  /** False until they have used their invitation. */
  hasPassword: z.boolean(),
  /** How many sign-ins go on, and when one of them was last renewed. */
  sessions: z.number(),
  renewedAt: z.optional(z.number()),
});
export const toldPeople = z.object({ people: z.array(toldPerson) });
export type ToldPerson = z.infer<typeof toldPerson>;

/** `POST /api/people`: invites somebody. */
export const personRequest = z.strictObject({ id, name: z.optional(name), role });
export type PersonRequest = z.infer<typeof personRequest>;

/** `PATCH /api/people/{id}`: what is absent stays as it is. */
export const personChange = z.strictObject({ name: z.optional(name), role: z.optional(role) });
export type PersonChange = z.infer<typeof personChange>;

/**
 * A one-time code, told once: `POST /api/people/{id}/link`. The link that is handed over is
 * `{address of the console}/sign-in#{code}`; with it the person chooses a password.
 */
export const oneTimeCode = z.object({ code: z.string(), expiresAt: z.number() });
export type OneTimeCode = z.infer<typeof oneTimeCode>;

/** Answer of `POST /api/people`. */
export const invited = z.object({ person: toldPerson, invitation: oneTimeCode });
