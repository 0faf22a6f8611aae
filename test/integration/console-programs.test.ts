import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, STATUS } from '#firmware-protocol';
import type { Issued } from '#broker/contract/credential.ts';
import { hubAddress } from '#console/pages/connect/hub-address.ts';
import { program, type Language } from '#console/pages/connect/programs.ts';
import { keyPairLines } from '#console/pages/connect/shell-lines.ts';
import { keyFile, type Proof } from '#console/pages/connect/target.ts';
import { PYTHON } from '../../scripts/system-packages.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';
import { Program } from '../support/program.ts';

const DEVICE = 'kitchen-lamp';

const INTERPRETERS: Readonly<Record<Language, { file: string; command: string }>> = {
  Node: { file: 'lamp.mjs', command: process.execPath },
  Python: { file: 'lamp.py', command: PYTHON },
};
const EACH_LANGUAGE = ['Node', 'Python'] as const;

let hub: TestHub;
let api: ApiClient;
let operator: TestOperator | undefined;
let lamp: Program | undefined;

beforeAll(async () => {
  hub = await startTestHub();
  api = await ApiClient.as(hub);
});
afterEach(async () => {
  await operator?.client.end();
  await lamp?.remove();
  await api.ask('DELETE', `/devices/${DEVICE}`);
});
afterAll(() => hub.close());

/** The program as the console shows it, with the CA beside it as the console says. */
function shown(language: Language, proof: Proof): Program {
  const target = { hub: hubAddress(new URL(hub.https)), tenant: 'home', device: DEVICE, proof };
  const made = new Program({ code: program(language, target), ...INTERPRETERS[language] });
  writeFileSync(join(made.folder, 'ca.pem'), hub.ca);
  lamp = made;
  return made;
}

async function isSwitched(running: Program): Promise<void> {
  const person = (operator = await TestOperator.connect(hub));
  running.start({}, running.folder);
  await person.untilDevice(DEVICE, ({ st, vals }) => st === STATUS.online && vals?.get(1) === false);
  const id = crypto.getRandomValues(new Uint8Array(8));
  await person.command(DEVICE, { id, vals: new Map([[1, true]]), ttl: 10_000 });
  expect((await person.untilCommand(id, COMMAND.done)).vals?.get(1)).toBe(true);
}

describe.each(EACH_LANGUAGE)('the program that the console shows in %s', (language) => {
  test('is a device with the secret that is filled in', async () => {
    const { secret } = await api.post<Issued>('/devices', { id: DEVICE });
    await isSwitched(shown(language, { kind: 'secret', secret }));
  });

  test('is a device with the Ed25519 key that the shell made beside it', async () => {
    const running = shown(language, { kind: 'key', algorithm: 'EdDSA' });
    const made = spawnSync('sh', ['-ec', keyPairLines(DEVICE)], { cwd: running.folder, encoding: 'utf8' });
    expect(readFileSync(join(running.folder, keyFile(DEVICE)), 'utf8')).toContain('PRIVATE KEY');
    expect(await api.post('/devices', { id: DEVICE, publicKey: made.stdout })).not.toHaveProperty('secret');
    await isSwitched(running);
  });

  test('is a device with a P-256 key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const running = shown(language, { kind: 'key', algorithm: 'ES256' });
    writeFileSync(join(running.folder, keyFile(DEVICE)), privateKey);
    await api.post('/devices', { id: DEVICE, publicKey });
    await isSwitched(running);
  });
});
