import { join } from 'node:path';
import { CODE, COMMAND } from '#firmware-protocol';
import { readDeeds } from './deeds.ts';
import { Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

const POSITION = 1;

/**
 * A device loses its power between "accepted" and "done", and comes back in another boot: what became of the command
 * is unknown, it is never called done, and it is not sent again.
 */
export const dyingDevice = (): Promise<Verdict> =>
  Trial.run({}, async (trial) => {
    const record = join(trial.hub.data, 'deeds.ndjson');
    const blind = await trial.simulate([{ id: 'blind', kind: 'blind' }], ['--record', record]);
    const now = trial.watcher.devices.get('blind')?.vals?.get(POSITION);
    const id = trial.ask('blind', { vals: new Map([[POSITION, now === 0 ? 100 : 0]]), ttl: 30_000 });
    await trial.told('blind', id, COMMAND.accepted);
    await blind.stop('SIGKILL');

    const again = blind.again();
    trial.undo(() => again.stop('SIGKILL'));
    const unknown = await trial.told('blind', id, COMMAND.unknown, COMMAND.done, COMMAND.failed);
    trial.must(unknown.st === COMMAND.unknown, `the command ended in ${unknown.st} and not in unknown`);
    trial.must(unknown.code === CODE.unknown, `its code is ${unknown.code}`);

    // One more command, which the new boot carries out: by then the first would have been sent again.
    const next = trial.ask('blind', { vals: new Map([[POSITION, 50]]), ttl: 30_000 });
    const answered = await trial.told('blind', next, COMMAND.accepted, COMMAND.done, COMMAND.rejected);
    trial.must(answered.st !== COMMAND.rejected, `the next command was rejected: ${answered.msg}`);
    const runs = readDeeds(record).filter(
      (deed) => deed.did === 'run' && deed.id === Buffer.from(id).toString('hex'),
    );
    trial.must(runs.length === 1, `the command was carried out ${runs.length} times`);
    trial.must(!trial.steps('blind', id).includes(COMMAND.done), 'the command was told as done');
    trial.figures['carried out'] = runs.length;
  });
