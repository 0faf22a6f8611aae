import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import type { Message } from './message.ts';
import { RetainedMessages } from './retained.ts';
import { RetainedShares, type RetainedLimits } from './retained-shares.ts';
import type { Owner } from './session/kept-session.ts';

/** What a level of a topic takes in memory, in bytes, measured on Node 24 with 20,000 topics of 32 levels. */
const LEVEL = 280;

/** What is retained: of devices what the hub retains, and of services as much as they may. */
export class Retaining {
  readonly #messages = new RetainedMessages();
  readonly #shares: RetainedShares;
  readonly #log: Log;
  #refused = 0;

  constructor(limits: RetainedLimits, log: Log) {
    this.#shares = new RetainedShares(limits);
    this.#log = log;
  }

  /** How many messages are retained, how many of them of services with how many bytes, and how many could not be. */
  get figures(): { messages: number; ofServices: number; bytesOfServices: number; refused: number } {
    return {
      messages: this.#messages.size,
      ofServices: this.#shares.messages,
      bytesOfServices: this.#shares.bytes,
      refused: this.#refused,
    };
  }

  /**
   * Retains a message, as far as its service may. Where it may not, nothing is retained of its topic: what was before
   * would be taken for what is.
   * @param owner the service that has published it, if it was one
   */
  store(message: Message, owner?: Owner): void {
    const { topic, payload } = message;
    if (payload.length === 0) this.#remove(topic);
    else {
      const exceeded = owner && this.#shares.take(topic, sizeOf(message), owner);
      if (exceeded === undefined) this.#messages.store(message);
      else this.#refuse(topic, owner as Owner, exceeded);
    }
  }

  /** As `RetainedMessages.match`. */
  match(filter: string): Iterable<Message | undefined> {
    return this.#messages.match(filter);
  }

  /** The services that have something retained. */
  owners(): Owner[] {
    return this.#shares.owners();
  }

  /**
   * Lets go of what those services have retained that are not there any more.
   * @param owners who were looked up
   */
  hold(owners: ReadonlySet<Owner>, isThere: (owner: Owner) => boolean): void {
    for (const owner of this.#shares.owners()) {
      if (!owners.has(owner) || isThere(owner)) continue;
      for (const topic of this.#shares.topicsOf(owner)) this.#remove(topic);
    }
  }

  #remove(topic: string): void {
    this.#shares.release(topic);
    this.#messages.remove(topic);
  }

  #refuse(topic: string, { name }: Owner, exceeded: keyof RetainedLimits): void {
    this.#messages.remove(topic);
    this.#refused += 1;
    this.#log.warnLimited(
      `retained:${name}`,
      `a message of ${name} on ${quoted(topic)} was forwarded and not retained: as much is retained as "${exceeded}" ` +
        'of the settings allows',
    );
  }
}

/** About what a retained message takes in memory, in bytes: each level of its topic is a node of its own. */
const sizeOf = ({ topic, payload }: Message): number =>
  Buffer.byteLength(topic) + payload.length + LEVEL * topic.split('/').length;
