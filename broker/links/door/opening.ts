import type { Socket } from 'node:net';
import { judgeFirstBytes } from './first-bytes.ts';

/** Who is told how a connection begins. */
export interface OpeningUser {
  /** Enough has come for a server to do something. */
  began(): void;
  /** What came is no handshake of TLS. */
  unfit(what: 'http' | 'unknown'): void;
  /** The peer has gone, as far as it matters here. */
  left(): void;
}

/** Waits for the first bytes of a connection. Returns how to end that, upon which the socket holds all that came, unread. */
export type Opening = (socket: Socket, user: OpeningUser) => () => void;

/** Waits for something. Half a header costs nothing before the rest of it comes, and has its own time. */
export const untilReadable: Opening = (socket, user) => {
  const onReadable = (): void => (socket.readableLength > 0 ? user.began() : user.left());
  socket.once('readable', onReadable);
  return () => socket.off('readable', onReadable);
};

/** Waits for a whole ClientHello: what the hub has to do for that is most of the cost of a handshake. */
export const untilHello: Opening = (socket, user) => {
  let bytes: Buffer = Buffer.alloc(0);
  let waiting = true;
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const what = judgeFirstBytes(bytes);
    if (what === 'incomplete') return;
    // There is nothing more to say before the hub answers, which it does later; but whether the peer leaves is of interest.
    if (!waiting) socket.pause();
    else if (what === 'hello') user.began();
    else user.unfit(what);
    waiting = false;
  };
  socket.on('data', onData).on('end', user.left);
  return () => {
    socket.off('data', onData).off('end', user.left).pause();
    if (bytes.length > 0) socket.unshift(bytes);
  };
};
