import { ask, type Answer } from './https.ts';
import type { TestHub } from './hub.ts';
import { makeService } from './service.ts';

/** A sample as it stands in the text of metrics. */
const SAMPLE = /^(\w+(?:\{[^}]*\})?) (\S+)$/gm;

/** Whoever scrapes a hub's metrics: a service that may read and nothing else. */
export class Scraper {
  readonly #hub: TestHub;
  readonly #token: string;

  private constructor(hub: TestHub, token: string) {
    this.#hub = hub;
    this.#token = token;
  }

  static async of(hub: TestHub): Promise<Scraper> {
    const { password } = await makeService(hub, 'prometheus', { role: 'viewer' });
    return new Scraper(hub, String(password));
  }

  ask(): Promise<Answer> {
    return ask(this.#hub, 'GET', '/metrics', { Authorization: `Bearer ${this.#token}` });
  }

  /** All figures, by their names with their labels: `name{label="value"}`. */
  async figures(): Promise<ReadonlyMap<string, number>> {
    const { body } = await this.ask();
    return new Map([...body.matchAll(SAMPLE)].map(([, name = '', value = '']) => [name, Number(value)]));
  }

  /** One figure. @throws where there is none of this name */
  async figure(name: string): Promise<number> {
    const figure = (await this.figures()).get(name);
    if (figure === undefined) throw new Error(`there is no figure ${name}`);
    return figure;
  }

  /** Resolves with a figure once it is as `is` wants it. */
  async until(name: string, is: (figure: number) => boolean): Promise<number> {
    for (;;) {
      const figure = await this.figure(name);
      if (is(figure)) return figure;
    }
  }
}
