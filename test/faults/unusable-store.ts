import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { STORE_FILE } from '#broker/store/sqlite/sqlite-store.ts';
import { HubProcess } from '../support/processes.ts';
import { SmallDisk } from './small-disk.ts';
import type { Verdict } from './verdict.ts';

const DISK_BYTES = 8 * 2 ** 20;

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** A store that is damaged, or on a disk that cannot be written: the hub does not start, says why, and changes nothing. */
export async function unusableStore(): Promise<Verdict> {
  const disk = new SmallDisk(DISK_BYTES);
  const violations: string[] = [];
  try {
    const hub = await HubProcess.start({ data: disk.folder });
    await hub.addDevices({ id: 'lamp' });
    await hub.stop();
    const file = join(disk.folder, STORE_FILE);

    const refuses = async (what: string, clue: RegExp): Promise<void> => {
      hub.output = '';
      const before = digest(file);
      const said = await hub.again().then(
        () => undefined,
        () => hub.output.trim(),
      );
      if (said === undefined) {
        violations.push(`the hub started with ${what}`);
        await hub.kill();
        return;
      }
      const lines = said.split('\n').filter((line) => line.startsWith('switchyard:'));
      if (lines.length !== 1 || !clue.test(lines[0] ?? '')) violations.push(`with ${what} it said:\n${said}`);
      if (/\n\s+at /.test(said)) violations.push(`with ${what} it showed a stack trace`);
      if (digest(file) !== before) violations.push(`with ${what} it changed the file`);
    };

    disk.writable(false);
    await refuses('a disk that is read-only', /read-only|written|write/);
    disk.writable(true);
    await hub.again();
    await hub.stop();

    const damaged = openSync(file, 'r+');
    writeSync(damaged, Buffer.alloc(4_096, 0xa5), 0, 4_096, 0);
    closeSync(damaged);
    await refuses('a damaged database', /switchyard\.db/);
    return { figures: {}, violations };
  } finally {
    disk.unmount();
  }
}
