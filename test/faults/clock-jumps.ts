import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND, isOver, RESERVED_ACTION, STATUS } from '#firmware-protocol';
import { LIBFAKETIME } from '../../scripts/system-packages.ts';
import { Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

const ON = 1;
const JUMP_SECONDS = 600;
const OVER = Object.values(COMMAND).filter(isOver);

/**
 * The clock of the hub's machine is set, forward and back, as an administrator or a bad time server does it: commands
 * go on as if nothing had happened, and what waits neither ends early nor lives for longer.
 */
export async function clockJumps(): Promise<Verdict> {
  const library = LIBFAKETIME.find(existsSync);
  if (library === undefined)
    throw new Error('this trial sets the clock of a hub with libfaketime (Debian: faketime)');
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-clock-'));
  const setTo = join(folder, 'offset');
  const setClock = (seconds: number): void => {
    writeFileSync(`${setTo}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${setTo}.new`, setTo);
  };
  setClock(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: setTo,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  try {
    return await Trial.run({ env }, async (trial) => {
      await trial.simulate([{ id: 'lamp', kind: 'lamp' }]);
      const away = await trial.simulate([{ id: 'away', kind: 'lamp' }]);
      await away.stop('SIGKILL');
      await trial.watcher.untilDevice('away', ({ st }) => st === STATUS.lost);
      const vals = new Map([[ON, true]]);
      const isDone = async (when: string): Promise<void> => {
        const { st, msg } = await trial.told('lamp', trial.ask('lamp', { vals, ttl: 5_000 }), ...OVER);
        trial.must(st === COMMAND.done, `${when}, a command ended in ${st} (${msg})`);
      };
      await isDone('before the clock was set');

      const patient = trial.ask('away', { op: RESERVED_ACTION.identify, ttl: 60_000, wait: true });
      await trial.told('away', patient, COMMAND.created);
      setClock(JUMP_SECONDS);
      await isDone('after the clock was set forward');
      setClock(-JUMP_SECONDS);
      await isDone('after the clock was set back');

      const begunAt = performance.now();
      const short = trial.ask('away', { vals, ttl: 1_000, wait: true });
      await trial.told('away', short, COMMAND.created);
      setClock(0);
      await isDone('after the clock was put right');
      const ended = await trial.told('away', short, ...OVER);
      const lived = performance.now() - begunAt;
      trial.must(ended.st === COMMAND.expired, `a command that waited for a second ended in ${ended.st}`);
      trial.must(lived > 900, `it waited for ${Math.round(lived)} ms only`);
      trial.figures['a wait of 1000 ms took (ms)'] = Math.round(lived);

      trial.must(
        !trial.steps('away', patient).some(isOver),
        `a command that may wait for a minute came to ${trial.steps('away', patient).at(-1)} within seconds`,
      );
      const back = away.again();
      trial.undo(() => back.stop('SIGKILL'));
      const { st } = await trial.told('away', patient, ...OVER);
      trial.must(st === COMMAND.done, `what waited over all jumps ended in ${st}`);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
