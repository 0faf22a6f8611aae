import { limitsSchema } from '#broker/config/limits.ts';
import { Trial } from '../faults/trial.ts';
import type { Verdict } from '../faults/verdict.ts';
import type { HubProcess } from '../support/processes.ts';
import { castOf } from './cast.ts';
import { GoodClients } from './good-clients.ts';
import type { Measured } from './measured.ts';
import { growth, MEASURABLE, measure, memoryFigures } from './measuring.ts';
import { Siege } from './siege.ts';

export interface Fuzzing {
  readonly packets: number;
  /** The same seed makes the same links, each with the same packets. */
  readonly seed: number;
  readonly tell: (line: string) => void;
}

/** In how many parts the packets are sent. What the hub fills once is full after the first. */
const PARTS = 5;
/** How much more the hub may hold in the end than after the first part, in bytes. */
const MOST_GROWTH = 10_000_000;
const TELL_EVERY_MS = 10_000;
/** A hub to which nothing could be sent for so long, in ms, does not answer any more. */
const STANDSTILL_MS = 60_000;

/** Links begin, and packets come, as fast as the hub can have them: what it does to hold them back is tried elsewhere. */
const SETTINGS = `[limits]\n${Object.keys(limitsSchema.shape)
  .filter((limit) => limit.endsWith('Rate'))
  .map((rate) => `${rate} = 1000000000`)
  .join('\n')}\n`;

/** Sends mutated packets over links without end, and finds out whether anybody else noticed. */
export const fuzzPackets = ({ packets, seed, tell }: Fuzzing): Promise<Verdict> =>
  Trial.run({ flags: MEASURABLE, settings: SETTINGS }, async (trial) => {
    const { hub, figures } = trial;
    figures['seed'] = seed;
    const siege: Siege = new Siege({ port: hub.httpPort, seed, cast: await castOf(hub) });
    const good = await GoodClients.start(trial, () => siege.tide.turn());
    // From here on: what the hub did while it started is no matter.
    await measure(hub);
    const measured: Measured[] = [];
    const begun = performance.now();
    const watch = new Watch(trial, siege, tell);
    for (let part = 1; part <= PARTS; part += 1) {
      await Promise.race([siege.until((packets * part) / PARTS), watch.trouble]);
      measured.push(await measure(hub));
    }
    const seconds = (performance.now() - begun) / 1_000;
    Object.assign(figures, {
      'packets sent': siege.packets,
      'packets a second': Math.round(siege.packets / seconds),
      seconds: Math.round(seconds),
      links: siege.links,
      ...memoryFigures(measured),
    });
    await good.stop();
    for (const [cause, count] of await endsByCause(hub)) figures[`links that ended for ${cause}`] = count;
    for (const [how, count] of siege.byCount()) figures[`links that were told: ${how}`] = count;
    trial.must(growth(measured) < MOST_GROWTH, `the hub holds ${growth(measured)} bytes more than before`);
    judgeLog(trial);
  });

/** Tells how far a siege is, and notices where nothing that is waited for will come any more. */
class Watch {
  readonly #siege: Siege;
  readonly #trial: Trial;
  readonly #trouble = Promise.withResolvers<never>();
  #packets = 0;
  #since = performance.now();

  constructor(trial: Trial, siege: Siege, tell: (line: string) => void) {
    this.#trial = trial;
    this.#siege = siege;
    const begun = performance.now();
    const looking = setInterval(() => {
      const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
      tell(`${siege.packets} packets over ${siege.links} links in ${seconds} s`);
      this.#look(performance.now());
    }, TELL_EVERY_MS);
    trial.undo(() => clearInterval(looking));
    void trial.hub.exited.then((code) => this.#fail(`the hub ended with ${code}`));
  }

  /** Rejects where the hub has ended, or does not answer. */
  get trouble(): Promise<never> {
    return this.#trouble.promise;
  }

  #look(now: number): void {
    if (this.#siege.packets !== this.#packets) this.#since = now;
    this.#packets = this.#siege.packets;
    if (now - this.#since > STANDSTILL_MS) this.#fail('the hub does not answer any more');
  }

  #fail(what: string): void {
    const open = [...this.#siege.open].join(', ');
    this.#trouble.reject(
      new Error(`${what}; links ${open} were open:\n${this.#trial.hub.output.slice(-4_000)}`),
    );
  }
}

/** How many links the hub ended for each cause, as its metrics say, the most first. */
async function endsByCause(hub: HubProcess): Promise<[cause: string, links: number][]> {
  const samples = (await hub.metrics()).matchAll(/^switchyard_link_ends_total\{cause="(.+)"\} ([1-9]\d*)$/gm);
  return Array.from(samples, ([, cause = '', links]) => [cause, Number(links)] as [string, number]).sort(
    ([, one], [, other]) => other - one,
  );
}

/** Pino's levels of an error, and of what is worse. */
const ERRORS = /"level":[56]0/;

/** A hub writes none of these that has found no fault in itself. */
function judgeLog(trial: Trial): void {
  for (const line of trial.hub.output.split('\n')) {
    trial.must(!ERRORS.test(line), `the log says: ${line}`);
    trial.must(!line.includes('Warning:'), `Node says: ${line}`);
  }
}
