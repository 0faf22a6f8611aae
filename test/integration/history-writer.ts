import { History } from '#broker/history/history.ts';
import { createLog } from '#broker/log/log.ts';

/*
 * Records a sample a millisecond of its clock, as fast as that allows, until it is killed. Each line on stdout is how
 * many it has recorded, and when: samples are numbered by value and by time, on from what the file has.
 */
const [file = '', first = '0'] = process.argv.slice(2);
const history = await History.open(
  file,
  { rawHours: 24, minuteDays: 31, hourDays: 366 },
  createLog('silent'),
);
let recorded = Number(first);

function record(): void {
  for (let index = 0; index < 100; index += 1, recorded += 1) {
    history.record('writer', 1, 1_790_000_000_000 + recorded, recorded);
  }
  process.stdout.write(`${recorded} ${Date.now()}\n`);
  setTimeout(record, 5);
}

record();
