import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import websocketStream from 'websocket-stream';
import type { EndCause } from './ends.ts';
import { BROKEN } from './link-counts.ts';
import type { Taker } from './inbox.ts';
import type { MqttSocket } from './mqtt-socket.ts';
import type { Allowance } from './rates/allowance.ts';
import type { Hold } from './rates/meter.ts';

export type { Taker, Way } from './inbox.ts';

/** One accepted WebSocket connection, and the byte stream in it. */
export interface Link {
  readonly request: IncomingMessage;
  /** The MQTT bytes of what is not taken, and what is written in answer. */
  readonly stream: Duplex;
  /** The address of whoever connected, also behind a proxy that is trusted. */
  readonly remoteAddress: string;
  /** Too much is waiting for this link: QoS 0 is not worth adding. */
  readonly congested: boolean;
  /** When the last packet came, in ms of `performance.now()`: now, as long as it is the hub that does not read. */
  readonly heardAt: number;
  /** Has every packet that comes go to `take` first, whole and sound. */
  read(take: Taker): void;
  /** Has what comes count for an account, once it is known whose the link is. */
  bill(account: string): void;
  /** Has `listener` told, at most once a minute, why the link is read no faster. */
  whenHeld(listener: (hold: Hold) => void): void;
  /** Goes on reading behind a packet that had the rest wait. */
  proceed(): void;
  /** Sends a whole packet. */
  send(packet: Uint8Array): void;
  /** Calls back once, when the link is not congested any more; never where it ends before. */
  whenCalm(listener: () => void): void;
  /** Sets what the peer is told when the stream ends without another reason. The first call wins. */
  explain(cause: EndCause, reason: string): void;
  /** Ends the link; its peer is told the close code and the reason. */
  end(cause: EndCause, reason: string): void;
  /** Ends the link without a word, for a peer that does not answer. */
  terminate(cause: EndCause, reason: string): void;
  /**
   * Calls back once, when the link is gone, with the reason as far as it is known, the close code that its peer sent,
   * which is 1006 where none came, and the cause for which the hub ended it, if it was the hub.
   */
  onceClosed(listener: (reason: string, code: number, cause: EndCause | undefined) => void): void;
}

/** Wraps an open socket. The stream pauses the socket while its reader is behind. */
export function openLink(
  socket: MqttSocket,
  request: IncomingMessage,
  remoteAddress: string,
  allowance: Pick<Allowance, 'bill'>,
): Link {
  const { inbox } = socket;
  const stream = websocketStream(socket as never, { perMessageDeflate: false }) as Duplex;

  // websocket-stream pushes into the stream without asking whether it is full.
  socket.on('message', () => {
    if (stream.readableLength >= stream.readableHighWaterMark) inbox.streamIsFull(true);
  });
  stream._read = () => {
    inbox.streamIsFull(false);
  };
  // It ends by itself; this is only to say why.
  socket.on('error', (error) => {
    socket.endReason ??= error.message;
  });

  return {
    request,
    stream,
    remoteAddress,
    get congested() {
      return socket.congested;
    },
    get heardAt() {
      return inbox.heardAt;
    },
    read: (take) => inbox.read(take),
    bill: (account) => allowance.bill(account),
    whenHeld: (listener) => inbox.whenHeld(listener),
    proceed: () => inbox.proceed(),
    send: (packet) => socket.sendPacket(packet),
    whenCalm: (listener) => socket.whenCalm(listener),
    explain: (cause, reason) => socket.explain(cause, reason),
    end: (cause, reason) => socket.end(cause, reason),
    terminate: (cause, reason) => socket.cut(cause, reason),
    onceClosed: (listener) =>
      void socket.once('close', (code: number, reason: Buffer) =>
        listener(socket.endReason ?? (reason.toString() || closedBy(code)), code, socket.endCause),
      ),
  };
}

/** How a link ended whose peer did not say why. */
const closedBy = (code: number): string =>
  code === BROKEN ? 'the connection broke' : `closed by its peer (${code})`;
