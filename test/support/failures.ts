/** Topics at which `failing-library.ts` fails: at once, in a later turn, and by a promise that nobody looks at. */
export const FAILS = { atOnce: 'fails/at once', later: 'fails/later', silently: 'fails/silently' } as const;

/** What it is told to have the hub fail for nobody in particular. */
export const FAIL = { type: 'fail' } as const;
