import { ThreadedStore } from '#broker/store/threaded/threaded-store.ts';
import { command, NOW } from '../unit/broker/store/records.ts';

/**
 * A process that stores commands, two with the same id prefix at once, many at a time and without end. It writes the
 * prefix of each pair to its output as soon as the store says that it is on the disk. Arguments: the file, the prefix
 * of all its ids.
 */
const [file = '', run = ''] = process.argv.slice(2);
const store = await ThreadedStore.open(file, (cause) => process.stderr.write(cause));

/** How many pairs are under way at once. */
const AT_ONCE = 20;

async function write(lane: number): Promise<never> {
  for (let at = 0; ; at++) {
    const id = `${run}-${lane}-${at}`;
    const [first, second] = [`${id}-a`, `${id}-b`].map((each) => ({
      ...command,
      id: each,
      createdAt: NOW + at,
    }));
    await store.saveProgress({ commands: [first!, second!] });
    process.stdout.write(`${id}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => write(lane)));
