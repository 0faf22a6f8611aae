import { HostileLink } from './hostile-link.ts';
import { script, type Cast } from './script.ts';
import { Tide } from './tide.ts';

/** How many links there are at a time. */
const AT_ONCE = 100;

export interface SiegeOptions {
  readonly port: number;
  readonly seed: number;
  readonly cast: Cast;
}

/** Hostile links without end: where one is over, the next begins. */
export class Siege {
  readonly #options: SiegeOptions;
  readonly tide = new Tide();
  /** Numbers of the links that are open, by which `script` makes them again. */
  readonly open = new Set<number>();
  readonly #endings = new Map<string, number>();
  packets = 0;
  #links = 0;

  constructor(options: SiegeOptions) {
    this.#options = options;
  }

  get links(): number {
    return this.#links;
  }

  /** In which ways links ended, and how many in each, the most first. */
  byCount(): [how: string, links: number][] {
    return [...this.#endings].sort(([, one], [, other]) => other - one);
  }

  /** Goes on until so many packets were sent in all, and the last link is over. */
  async until(packets: number): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#keepUp(packets)));
  }

  async #keepUp(packets: number): Promise<void> {
    while (this.packets < packets) await this.#one(this.#links++);
  }

  async #one(link: number): Promise<void> {
    const { port, seed, cast } = this.#options;
    this.open.add(link);
    const ending = await new HostileLink(port, this.tide).play(script(seed, link, cast), (sent) => {
      this.packets += sent;
    });
    this.open.delete(link);
    this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
  }
}
