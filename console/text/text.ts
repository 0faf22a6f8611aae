import { shared } from './en/shared.ts';

/**
 * What the console says on every page. A second language is a folder beside `en`; its files have these shapes, and
 * each file of this folder picks between the two. What one page alone says is loaded with that page.
 */
export type Text = typeof shared;

export const text: Text = shared;
