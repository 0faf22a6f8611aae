import type { Owner } from './session/kept-session.ts';

/** How much services may have retained, in messages, and in bytes of topics and payloads: one of them, and all. */
export interface RetainedLimits {
  readonly retainedPerService: number;
  readonly retainedBytesPerService: number;
  readonly retained: number;
  readonly retainedBytes: number;
}

interface Share {
  readonly owner: Owner;
  messages: number;
  bytes: number;
}

const keyOf = ({ name, createdAt }: Owner): string => `${name} ${createdAt}`;

/** Which services have what retained, and how much of what they may. */
export class RetainedShares {
  readonly #limits: RetainedLimits;
  readonly #topics = new Map<string, { readonly share: Share; readonly bytes: number }>();
  readonly #shares = new Map<string, Share>();
  #bytes = 0;

  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  /** How many messages there are. */
  get messages(): number {
    return this.#topics.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts a message as what is retained of its topic, in place of the one before, whoever that was from.
   * @param bytes of its topic and payload
   * @returns the limit that is in its way, if any; then nothing is retained of the topic
   */
  take(topic: string, bytes: number, owner: Owner): keyof RetainedLimits | undefined {
    this.release(topic);
    const share = this.#shares.get(keyOf(owner)) ?? { owner, messages: 0, bytes: 0 };
    const exceeded = this.#exceeded(share, bytes);
    if (exceeded !== undefined) return exceeded;
    this.#shares.set(keyOf(owner), share);
    this.#topics.set(topic, { share, bytes });
    share.messages += 1;
    share.bytes += bytes;
    this.#bytes += bytes;
    return undefined;
  }

  /** Nothing is retained of a topic any more. */
  release(topic: string): void {
    const { share, bytes } = this.#topics.get(topic) ?? {};
    if (!share || bytes === undefined) return;
    this.#topics.delete(topic);
    share.messages -= 1;
    share.bytes -= bytes;
    this.#bytes -= bytes;
    if (share.messages === 0) this.#shares.delete(keyOf(share.owner));
  }

  /** Who has anything retained. */
  owners(): Owner[] {
    return [...this.#shares.values()].map(({ owner }) => owner);
  }

  /** The topics of which somebody has something retained. */
  topicsOf(owner: Owner): string[] {
    const share = this.#shares.get(keyOf(owner));
    if (!share) return [];
    return [...this.#topics].filter(([, each]) => each.share === share).map(([topic]) => topic);
  }

  #exceeded(share: Share, bytes: number): keyof RetainedLimits | undefined {
    const { retainedPerService, retainedBytesPerService, retained, retainedBytes } = this.#limits;
    if (share.messages >= retainedPerService) return 'retainedPerService';
    if (share.bytes + bytes > retainedBytesPerService) return 'retainedBytesPerService';
    if (this.#topics.size >= retained) return 'retained';
    return this.#bytes + bytes > retainedBytes ? 'retainedBytes' : undefined;
  }
}
