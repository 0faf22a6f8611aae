import * as z from 'zod/mini';

/** What people may do, from least to most. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** Characters of a password. */
export const PASSWORD = { least: 12, most: 256 } as const;

const code = z.string().check(z.minLength(1), z.maxLength(128));
/** What somebody who signs in writes: how good it is was looked at when it was chosen. */
const written = z.string().check(z.minLength(1), z.maxLength(PASSWORD.most));

export const newPassword = z
  .string()
  .check(
    z.minLength(PASSWORD.least, { error: `must have at least ${PASSWORD.least} characters` }),
    z.maxLength(PASSWORD.most, { error: `must have at most ${PASSWORD.most} characters` }),
  );

/** `POST /api/session/code`: whose one-time code this is. It stays good. */
export const codeRequest = z.strictObject({ code });
export const codeOwner = z.object({
  user: z.object({ id: z.string(), name: z.string() }),
  /** Whether the password that they have is replaced. */
  hasPassword: z.boolean(),
});
export type CodeOwner = z.infer<typeof codeOwner>;

/** `POST /api/session`: signs in with a password, or with a one-time code and the password that is chosen by it. */
export const signInRequest = z.union([
  z.strictObject({ id: z.string().check(z.minLength(1), z.maxLength(64)), password: written }),
  z.strictObject({ code, password: newPassword }),
]);
export type SignInRequest = z.infer<typeof signInRequest>;

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

/** A sign-in that goes on, as `GET /api/account/sessions` and `GET /api/people/{id}/sessions` tell it. */
export const toldSession = z.object({
  id: z.string(),
  createdAt: z.number(),
  /** When its access was last renewed, and until when it can be. */
  renewedAt: z.number(),
  expiresAt: z.number(),
  /** From where it was last renewed, and with what: the User-Agent, cut short. */
  address: z.string(),
  agent: z.string(),
  /** Whether it is the one that asks. */
  current: z.boolean(),
});
export const toldSessions = z.object({ sessions: z.array(toldSession) });
export type ToldSession = z.infer<typeof toldSession>;

/** `PUT /api/account/password`. All other sessions of this person end. */
export const passwordRequest = z.strictObject({ current: written, password: newPassword });
