import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataFolder } from '#broker/config/data-folder.ts';
import { lockFolder } from '#broker/config/folder-lock.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a folder has one hub at a time, also within a process', async () => {
  const folder = new DataFolder(temporaryFolder());
  const unlock = lockFolder(folder);
  const { problem, remedy } = await startErrorOf(() => lockFolder(folder));
  expect(problem).toBe(`a hub is running on ${folder.path} already`);
  expect(remedy).toContain('--data');
  unlock();
  lockFolder(folder)();
});

test('other folders are free', () => {
  const unlock = lockFolder(new DataFolder(temporaryFolder()));
  lockFolder(new DataFolder(temporaryFolder()))();
  unlock();
});

test('the lock of a process that was killed is free at once', async () => {
  const folder = new DataFolder(temporaryFolder());
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { DataFolder } from '#broker/config/data-folder.ts';
    import { lockFolder } from '#broker/config/folder-lock.ts';
    lockFolder(new DataFolder(${JSON.stringify(folder.path)}));
    process.stdin.resume();
    process.stdout.write('locked');`,
  ]);
  await once(holder.stdout, 'data');
  expect((await startErrorOf(() => lockFolder(folder))).problem).toContain('a hub is running');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockFolder(folder)();
});

test('where the lock cannot be made, the file is named', async () => {
  const folder = new DataFolder(temporaryFolder());
  mkdirSync(join(folder.path, 'hub.lock'));
  expect((await startErrorOf(() => lockFolder(folder))).problem).toContain(folder.file('hub.lock'));
});
