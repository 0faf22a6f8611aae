import { DEVICE } from '../cbor/bounds.ts';
import { message, type MessageType } from '../codec/message.ts';
import { h8 } from '../codec/strings.ts';

/** `rq/cancel`: an operator withdraws a command, by its id, that has not been sent to its device yet. */
export const rqCancel = message({ name: 'rq/cancel', clause: '6.17', bounds: DEVICE }, { id: h8 });

export type CancelRequest = MessageType<typeof rqCancel>;
