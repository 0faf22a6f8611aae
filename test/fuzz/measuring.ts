import type { HubProcess } from '../support/processes.ts';
import { QUESTION, type Measured } from './measured.ts';

/** Flags for a hub's Node with which `measure` works. */
export const MEASURABLE = ['--expose-gc', '--import', './test/fuzz/inside-hub.ts'];

export const measure = async (hub: HubProcess): Promise<Measured> => (await hub.ask(QUESTION)) as Measured;

/** What a hub holds, in bytes: its heap, and what is outside of it for what is in it. */
const held = ({ heap, external }: Measured): number => heap + external;

/** How much more a hub holds at the end of a run than after its first part, in bytes. */
export function growth(measured: readonly Measured[]): number {
  const [first, last] = [measured[0], measured.at(-1)];
  return first && last ? held(last) - held(first) : 0;
}

const each = (measured: readonly Measured[], bytes: (one: Measured) => number): string =>
  measured.map((one) => (bytes(one) / 1e6).toFixed(1)).join(', ');

/** @param measured after each part of a run */
export const memoryFigures = (measured: readonly Measured[]): Record<string, string> => ({
  'heap and external (MB)': each(measured, held),
  'resident (MB)': each(measured, ({ rss }) => rss),
  'longest turn of the event loop (ms of CPU)': measured
    .map(({ longestTurn }) => longestTurn.toFixed(0))
    .join(', '),
  'longest delay of the event loop (ms)': measured
    .map(({ longestDelay }) => longestDelay.toFixed(0))
    .join(', '),
});
