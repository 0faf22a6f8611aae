import { ACK, CODE, type Ack, type Command, type Control, type Desired } from '#firmware-protocol';
import { hex } from '../builders.ts';

/** What a device is told, as it lies before it. */
export type Told =
  | ({ readonly channel: 'cmd' } & Command)
  | ({ readonly channel: 'ctl' } & Control)
  | ({ readonly channel: 'desired' } & Desired);

/** How a device takes a command that it has not seen: `accepted` ones go on. */
export type Outcome = 'done' | 'failed' | 'rejected' | 'accepted';

type Answer = Pick<Ack, 'id' | 'st' | 'code' | 'pct'>;

/** A device remembers this many answers beside those of commands that go on (SPEC.md 11.2). */
const REMEMBERED = 16;

/** A device as SPEC.md, sections 11 and 12, has it: as forgetful as it may be, and counting what it carries out. */
export class ModelDevice {
  boot = 1;
  sess = 0;
  /** The version of the document that it has applied last, which it keeps over restarts. */
  dver = 0;
  /** How often each command was carried out, by its id in hex, over all boots. */
  readonly carriedOut = new Map<string, number>();
  /** Answers on their way to the hub, oldest first; they stay while it is away. */
  readonly answers: Answer[] = [];
  #inbox: Told[] = [];
  #remembered = new Map<string, Answer>();
  readonly #goesOn = new Set<string>();
  /** Hub time and the moment at which the device was told it. */
  #told: { readonly t: number; readonly at: number } | undefined;

  /** A message arrives over its link. */
  hear(message: Told): void {
    this.#inbox.push(message);
  }

  /** Its link has ended, and what was on its way to it is lost. */
  unlinked(): void {
    this.#inbox = [];
  }

  /** It forgets all but its desired state. */
  reboot(): void {
    this.unlinked();
    this.boot += 1;
    this.sess = 0;
    this.answers.length = 0;
    this.#remembered.clear();
    this.#goesOn.clear();
    this.#told = undefined;
  }

  /**
   * Takes all messages that have arrived.
   * @param at the present moment by a clock that only goes forward, in ms
   * @returns whether its state is to be reported
   */
  handle(outcome: Outcome, at: number): boolean {
    const before = this.dver;
    for (const message of this.#inbox.splice(0)) {
      if (message.channel === 'ctl') this.#told = { t: message.t, at };
      else if (message.channel === 'desired') this.dver = Math.max(this.dver, message.ver);
      else this.#handle(message, outcome, at);
    }
    return this.dver > before;
  }

  /** One command that goes on comes further, or to its end. */
  work(st: typeof ACK.progress | typeof ACK.done | typeof ACK.failed): void {
    const [id] = this.#goesOn;
    if (id === undefined) return;
    if (st !== ACK.progress) this.#goesOn.delete(id);
    this.#answer({ id: Buffer.from(id, 'hex'), st, ...(st === ACK.progress && { pct: 50 }) });
  }

  #handle({ id, exp }: Command, outcome: Outcome, at: number): void {
    const key = hex(id);
    const again = this.#remembered.get(key);
    if (again) this.answers.push(again);
    else if (!this.#told) this.#answer({ id, st: ACK.rejected, code: CODE.unavailable });
    else if (this.#told.t + at - this.#told.at > exp) {
      this.#answer({ id, st: ACK.rejected, code: CODE.expired });
    } else if (outcome === 'rejected') this.#answer({ id, st: ACK.rejected, code: CODE.busy });
    else {
      this.carriedOut.set(key, (this.carriedOut.get(key) ?? 0) + 1);
      if (outcome === 'accepted') this.#goesOn.add(key);
      this.#answer({ id, st: ACK[outcome] });
    }
  }

  #answer(answer: Answer): void {
    const key = hex(answer.id);
    this.answers.push(answer);
    this.#remembered.delete(key);
    this.#remembered.set(key, answer);
    const over = [...this.#remembered.keys()].filter((each) => !this.#goesOn.has(each));
    for (const each of over.slice(0, Math.max(0, over.length - REMEMBERED))) this.#remembered.delete(each);
  }
}
