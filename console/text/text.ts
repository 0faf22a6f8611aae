import { en } from './en.ts';

/** All that the console says, in the language of whoever reads it. */
export type Text = typeof en;

export const text: Text = en;
