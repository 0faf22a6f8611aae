import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startHub } from '#broker/hub.ts';
import { startTestHub, TestLog } from '../support/hub.ts';
import { startErrorOf } from '../unit/broker/start-errors.ts';

test('a data folder has one hub, and commands work beside it', async () => {
  const hub = await startTestHub();
  onTestFinished(() => hub.close());
  const keys = readFileSync(`${hub.settings.data}/keys.json`);

  const second = spawn(
    process.execPath,
    ['broker/main.ts', '--data', hub.settings.data, 'serve', '--port', '0', '--http-port', '0'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => second.on('close', resolve));
  expect(code).toBe(1);
  expect(said).toMatch(/^switchyard: a hub is running on .* already: stop it first, .*--data\n$/);
  expect(readFileSync(`${hub.settings.data}/keys.json`).equals(keys)).toBe(true);

  expect([...(await hub.addDevices({ id: 'lamp' })).keys()]).toEqual(['lamp']);
});

test('a hub that has ended, or could not start, leaves the folder free', async () => {
  const hub = await startTestHub();
  onTestFinished(() => hub.close());
  const busy = { ...hub.settings, https: { port: hub.hub.httpsPort } };
  await startErrorOf(() => startHub(hub.settings, new TestLog()));
  await hub.hub.close();
  const next = await startHub(busy, new TestLog());
  await next.close();
  await hub.restart();
});
