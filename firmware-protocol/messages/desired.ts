import { DEVICE } from '../bounds.ts';
import { u32 } from '../fields.ts';
import { message, type MessageType } from '../message.ts';
import { vmap } from '../values.ts';

/** `dn/desired`: the whole document of wanted persistent properties; retained, applied when `ver` is newer. */
export const desired = message('desired', DEVICE, { vals: vmap, ver: u32 });

export type Desired = MessageType<typeof desired>;
