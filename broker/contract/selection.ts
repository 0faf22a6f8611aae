import * as z from 'zod/mini';

/** What people call something. CBOR carries no text with halves of characters. */
export const name = z.string().check(
  z.minLength(1),
  z.maxLength(80),
  z.refine((text) => text.isWellFormed(), { error: 'is not well-formed text' }),
);

const fields = {
  all: z.optional(z.literal(true)),
  ids: z.optional(z.array(z.string()).check(z.minLength(1), z.maxLength(20_000))),
  tag: z.optional(name),
  model: z.optional(name),
  group: z.optional(name),
};

/**
 * Which devices: those that are all of what is said here. Every field that is there narrows it, and `all` stands
 * alone; so `{ tag: "hall", model: "lamp" }` are the lamps in the hall.
 */
export const selection = z.strictObject(fields).check(
  z.refine((said) => Object.values(said).some((field) => field !== undefined), {
    error: 'must say which devices: all, ids, tag, model or group',
  }),
  z.refine(({ all, ...rest }) => !all || Object.values(rest).every((field) => field === undefined), {
    error: 'has "all" beside something narrower',
  }),
);
export type Selection = z.infer<typeof selection>;

/** A selection in a list: of the ids, how many. */
export const listedSelection = z.strictObject({ ...fields, ids: z.optional(z.int()) });

/** `PUT /api/groups/{name}`: a group is fixed where its selection has ids, and else holds whoever it says, at any time. */
export const groupRequest = z.strictObject({ selection });
export const groupName = name;

/** A group, as `GET /api/groups` tells it. */
export const toldGroup = z.object({
  name,
  selection,
  /** How many devices it holds now. */
  devices: z.number(),
});
export type ToldGroup = z.infer<typeof toldGroup>;
