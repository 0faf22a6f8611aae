import * as z from 'zod/mini';

/** What people may do, from least to most. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** `POST /api/session`: exchanges a one-time sign-in code for a session. */
export const signInRequest = z.strictObject({ code: z.string().check(z.minLength(1), z.maxLength(128)) });

/**
 * Answer of `POST /api/session` and of `POST /api/session/refresh`, which renews by cookie. The access token is
 * the password of the MQTT CONNECT, whose user name is "@" and the user's id.
 */
export const session = z.strictObject({
  accessToken: z.string(),
  /** Unix time in ms. */
  expiresAt: z.number(),
  tenant: z.string(),
  user: z.strictObject({ id: z.string(), name: z.string(), role }),
});
export type Session = z.infer<typeof session>;
