import * as z from 'zod/mini';
import { id, until } from './id.ts';
import { name } from './selection.ts';
import { role } from './session.ts';

const isFilter = (text: string): boolean =>
  text.isWellFormed() &&
  !text.includes('\0') &&
  !text.startsWith('$') &&
  text
    .split('/')
    .every(
      (level, at, levels) =>
        level === '+' || (level === '#' && at === levels.length - 1) || !/[+#]/.test(level),
    );

/** A topic filter (MQTT 3.1.1, 4.7). What is the server's own ("$…") is granted to nobody. */
export const topicFilter = z.string().check(
  z.minLength(1),
  z.maxLength(256),
  z.refine(isFilter, {
    error: 'must be a topic filter such as "iot/1/home/+/up/#", not beginning with "$"',
  }),
);

const filters = z.array(topicFilter).check(z.maxLength(64));

const fields = {
  name,
  /** Where it may publish. Never where devices and the hub itself speak. */
  publish: filters,
  /** What it may subscribe to and receive. */
  subscribe: filters,
  /** As what it may use the HTTP API; null for not at all. */
  role: z.nullable(role),
  expiresAt: until,
};

/** `POST /api/services`: an integration. Its id shares its names with people. */
export const serviceRequest = z.strictObject({
  id,
  name: z.optional(name),
  publish: z._default(filters, []),
  subscribe: z._default(filters, []),
  role: z._default(fields.role, null),
  expiresAt: z._default(until, null),
});
export type ServiceRequest = z.input<typeof serviceRequest>;

/** `PATCH /api/services/{id}`: what is absent stays as it is. */
export const serviceChange = z.partial(z.strictObject({ ...fields, disabled: z.boolean() }));
export type ServiceChange = z.infer<typeof serviceChange>;

/** A service, as `GET /api/services` tells it, for administrators. */
export const toldService = z.object({
  id: z.string(),
  ...fields,
  disabled: z.boolean(),
  createdAt: z.number(),
  /** When its token was last made. */
  changedAt: z.number(),
});
export const toldServices = z.object({ services: z.array(toldService) });
export type ToldService = z.infer<typeof toldService>;

/**
 * Answer of `POST /api/services` and of `POST /api/services/{id}/token`: the token is told once. It is the password of
 * an MQTT CONNECT with user name "@" and the id, and the bearer token of HTTP requests.
 */
export const madeService = z.object({ service: toldService, token: z.string() });
