import * as z from 'zod/mini';

/** What people are told of a value that a schema refuses: zod's small build has no words of its own. */
export const wording = { error: z.locales.en().localeError };
