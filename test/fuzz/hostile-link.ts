import { connect, type Socket } from 'node:net';
import { OPCODES } from './frames.ts';
import type { Farewell, Script } from './script.ts';
import { ServerFrames } from './server-frames.ts';
import type { Tide } from './tide.ts';

/** A close frame without a reason, masked with zeros. */
const CLOSE = Uint8Array.of(0x80 | OPCODES.close, 0x82, 0, 0, 0, 0, 0x03, 0xe8);
/** Where the head of an HTTP answer ends. */
const END_OF_HEAD = '\r\n\r\n';

/** One TCP connection that does what its script says until the hub ends it, or the script. */
export class HostileLink {
  readonly #socket: Socket;
  readonly #tide: Tide;
  readonly #closed: Promise<void>;
  #frames: ServerFrames | undefined;
  #head = '';
  #gone = false;
  #ending: string | undefined;
  #wake: () => void = () => undefined;

  constructor(port: number, tide: Tide) {
    this.#tide = tide;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', () => undefined);
    void this.#closed.then(() => this.#end('ended without a word'));
    this.#socket.once('end', () => this.#end('ended without a word'));
  }

  /**
   * @param sent hears of every write how many packets were in it
   * @returns how it ended
   */
  async play(script: Script, sent: (packets: number) => void): Promise<string> {
    this.#socket.write(script.upgrade);
    await (script.patient ? this.#answer() : this.#heard());
    for (const { bytes, packets } of script.writes) {
      if (this.#gone) break;
      this.#socket.write(bytes);
      sent(packets);
      await this.#heard();
    }
    if (!this.#gone) this.#leave(script.farewell);
    else this.#socket.destroy();
    await this.#closed;
    return this.#ending ?? '';
  }

  /** Resolves when something has come, or nothing will any more. */
  #answer(): Promise<void> {
    if (this.#gone) return Promise.resolve();
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** The same, or resolves when something would have come. */
  #heard(): Promise<void> {
    if (this.#gone) return Promise.resolve();
    return new Promise((resolve) => {
      const takeBack = this.#tide.wait(resolve);
      this.#wake = () => {
        takeBack();
        resolve();
      };
    });
  }

  #leave(farewell: Farewell): void {
    this.#end(`left by its client: ${farewell}`);
    if (farewell === 'reset') {
      this.#socket.resetAndDestroy();
    } else if (farewell === 'silence') {
      this.#tide.wait(() => this.#socket.destroy());
    } else {
      if (farewell === 'close frame') this.#socket.write(CLOSE);
      this.#socket.end();
      this.#tide.wait(() => this.#socket.destroy());
    }
  }

  #end(how: string): void {
    this.#ending ??= how;
    this.#gone = true;
    this.#wake();
  }

  #take(chunk: Buffer): void {
    if (this.#frames) this.#read(this.#frames, chunk);
    else this.#answered(chunk);
    this.#wake();
  }

  #answered(chunk: Buffer): void {
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const status = this.#head.slice(9, 12);
    if (status !== '101') {
      this.#end(`handshake refused: ${status}`);
      return;
    }
    this.#frames = new ServerFrames();
    this.#read(this.#frames, Buffer.from(this.#head.slice(end + END_OF_HEAD.length), 'latin1'));
  }

  #read(frames: ServerFrames, chunk: Buffer): void {
    for (const { opcode, payload } of frames.push(chunk)) {
      if (opcode !== OPCODES.close) continue;
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#end(`${code} ${kindOf(payload.subarray(2).toString())}`);
    }
  }
}

/** A reason without what differs from one link to the next. */
const kindOf = (reason: string): string => reason.replaceAll(/"[^"]*"?…?/g, '"…"').replaceAll(/\d+/g, 'n');
