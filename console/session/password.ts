import { PASSWORD } from '#broker/contract/session.ts';

/** How many characters a chosen password lacks; none where it will do. */
export const lacking = (password: string): number => Math.max(0, PASSWORD.least - password.length);
