import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
import { h8, u32 } from '../fields.ts';
import { message, type MessageType } from '../message.ts';
import { vmap } from '../values.ts';

/**
 * `rq/desired`: an operator asks for persistent properties to have these values; others stay as they are.
 * `if` is the version of the desired document it was based on.
 */
export const rqDesired = message('rq/desired', DEVICE, { vals: vmap, id: h8, if: z.optional(u32) });

export type DesiredRequest = MessageType<typeof rqDesired>;
