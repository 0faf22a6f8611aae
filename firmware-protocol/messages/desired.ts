import { DEVICE } from '../cbor/bounds.ts';
import { message, type MessageType } from '../codec/message.ts';
import { u32 } from '../codec/numbers.ts';
import { vmap } from '../codec/values.ts';

/** `dn/desired`: the whole document of wanted persistent properties; retained, applied when `ver` is newer. */
export const desired = message({ name: 'desired', clause: '6.9', bounds: DEVICE }, { vals: vmap, ver: u32 });

export type Desired = MessageType<typeof desired>;
