import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import websocketStream from 'websocket-stream';
import type { EndCause } from './ends.ts';
import type { MqttSocket } from './mqtt-socket.ts';

/** One accepted WebSocket connection, and the byte stream in it. */
export interface Link {
  readonly request: IncomingMessage;
  /** The MQTT bytes, in both directions. */
  readonly stream: Duplex;
  /** The address of whoever connected, also behind a proxy that is trusted. */
  readonly remoteAddress: string;
  /** Too much is waiting for this link: QoS 0 is not worth adding. */
  readonly congested: boolean;
  /** Sends each MQTT packet in a frame of its own from now on, for clients that read no more of a frame at once. */
  framePackets(): void;
  /** Sets what the peer is told when the stream ends without another reason. The first call wins. */
  explain(cause: EndCause, reason: string): void;
  /** Ends the link; its peer is told the close code and the reason. */
  end(cause: EndCause, reason: string): void;
  /** Ends the link without a word, for a peer that does not answer. */
  terminate(reason: string): void;
  /**
   * Calls back once, when the link is gone, with the reason as far as it is known, and the close code that its peer
   * sent: 1006 where none came.
   */
  onceClosed(listener: (reason: string, code: number) => void): void;
}

/** Wraps an open socket. The stream pauses the socket while its reader is behind. */
export function openLink(socket: MqttSocket, request: IncomingMessage, remoteAddress: string): Link {
  const stream = websocketStream(socket as never, { perMessageDeflate: false }) as Duplex;

  // websocket-stream pushes into the stream without asking whether it is full.
  socket.on('message', () => {
    if (stream.readableLength >= stream.readableHighWaterMark) socket.pause();
  });
  stream._read = () => {
    if (socket.isPaused) socket.resume();
  };
  socket.on('error', (error) => {
    socket.endReason ??= error.message;
    socket.terminate();
  });

  return {
    request,
    stream,
    remoteAddress,
    get congested() {
      return socket.congested;
    },
    framePackets: () => {
      socket.packetPerFrame = true;
    },
    explain: (cause, reason) => socket.explain(cause, reason),
    end: (cause, reason) => socket.end(cause, reason),
    terminate: (reason) => {
      socket.endReason ??= reason;
      socket.terminate();
    },
    onceClosed: (listener) =>
      void socket.once('close', (code: number, reason: Buffer) =>
        listener(socket.endReason ?? (reason.toString() || closedBy(code)), code),
      ),
  };
}

function closedBy(code: number): string {
  return code === 1006 ? 'the connection broke' : `closed by its peer (${code})`;
}
