import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODE, COMMAND } from '#firmware-protocol';
import { readDeeds } from './deeds.ts';
import { SmallDisk } from './small-disk.ts';
import { Trial } from './trial.ts';
import { judge, type Verdict } from './verdict.ts';

const DISK_BYTES = 8 * 2 ** 20;
const ON = 1;
/** What the log of writes has room for before the disk is asked for more. */
const MOST_COMMANDS = 5_000;

/**
 * The disk fills up under a running hub: commands are refused for that reason, the hub says that it is degraded, what
 * it told before is kept, and it works again as soon as there is room.
 */
export async function fullDisk(): Promise<Verdict> {
  const disk = new SmallDisk(DISK_BYTES);
  const elsewhere = mkdtempSync(join(tmpdir(), 'switchyard-faults-'));
  const record = join(elsewhere, 'deeds.ndjson');
  const data = join(disk.folder, 'data');
  mkdirSync(data);
  try {
    return await Trial.run({ data }, async (trial) => {
      await trial.simulate([{ id: 'lamp', kind: 'lamp' }], ['--record', record]);
      const over = [COMMAND.done, COMMAND.rejected, COMMAND.failed, COMMAND.timedOut, COMMAND.expired];
      let on = false;
      const command = async () => {
        on = !on;
        return trial.told('lamp', trial.ask('lamp', { vals: new Map([[ON, on]]), ttl: 10_000 }), ...over);
      };
      trial.must((await command()).st === COMMAND.done, 'the first command was not done');

      disk.fill();
      let stored = 0;
      let step = await command();
      for (; step.st === COMMAND.done && stored < MOST_COMMANDS; step = await command()) stored += 1;
      trial.figures['commands until the disk was full'] = stored;
      trial.must(step.st === COMMAND.rejected, `on a full disk a command ended in ${step.st}`);
      trial.must(step.code === CODE.internal, `it was refused with code ${step.code}: ${step.msg}`);
      trial.must(/store/.test(step.msg ?? ''), `it was refused with "${step.msg}", which does not say why`);
      await trial.watcher.until(() => trial.watcher.trouble);
      const ill = await trial.hub.health();
      trial.must(
        ill.status === 503 && ill.body.status === 'degraded',
        `/healthz says ${JSON.stringify(ill)}`,
      );

      disk.free();
      await trial.watcher.until(() => (trial.watcher.trouble === undefined ? true : undefined));
      trial.must((await command()).st === COMMAND.done, 'with room again, a command was not done');
      const well = await trial.hub.health();
      trial.must(well.status === 200, `with room again, /healthz says ${JSON.stringify(well)}`);

      await trial.hub.kill();
      // What was refused because it could not be stored is in no store.
      const told = [...trial.watcher.commands.values()].filter(
        ({ steps }) => steps.at(-1)?.code !== CODE.internal,
      );
      const { violations } = judge({
        told,
        stored: await trial.hub.stored(['lamp']),
        deeds: readDeeds(record),
      });
      for (const violation of violations) trial.must(false, violation);
    });
  } finally {
    disk.unmount();
    rmSync(elsewhere, { recursive: true });
  }
}
