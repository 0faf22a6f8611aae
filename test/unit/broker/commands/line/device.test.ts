import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { toldCredential } from '#broker/contract/credential.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { Lines } from './lines.ts';

let lines: Lines;
let folder: string;
beforeEach(async () => {
  lines = await Lines.withLamp();
  folder = temporaryFolder();
});

const shown = async (id: string) => toldCredential.parse(await lines.json('device', 'show', id));
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;

test('devices are imported, and no credentials are ever written over', async () => {
  const [list, out] = [join(folder, 'list.json'), join(folder, 'credentials.json')];
  writeFileSync(list, '[{"id":"a"},{"id":"b","kind":"lamp","tags":["up","down"]}]');
  await lines.done('device', 'import', list, '--out', out);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(read(out)).toMatchObject({ tenant: 'home', devices: [{ id: 'a' }, { id: 'b', kind: 'lamp' }] });
  writeFileSync(list, '[{"id":"c"}]');
  const { code, err } = await lines.tried('device', 'import', list, '--out', out);
  expect(err).toMatch(/credentials\.json is there already: name a new file with --out/);
  expect(code).toBe(1);
  expect(await lines.json('device', 'list')).toMatchObject([
    { id: 'a' },
    { id: 'b', tags: ['up', 'down'] },
    { id: 'lamp' },
  ]);
});

test('what a device connects with is a key of its own, a secret, or nothing', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [key, first, second] = ['key.pem', 'first.json', 'second.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  await lines.done('device', 'create', 'gate', '--public-key', key, '--out', first);
  expect(read(first)).toEqual({ tenant: 'home', devices: [{ id: 'gate' }] });
  expect(await shown('gate')).toMatchObject({ kind: 'key', thumbprint: expect.any(String) as string });
  await lines.done('device', 'rotate', 'gate', '--out', second);
  const secret = expect.stringMatching(/^\S{43}$/) as string;
  expect(read(second)).toEqual({ tenant: 'home', devices: [{ id: 'gate', secret }] });
  expect(statSync(second).mode & 0o777).toBe(0o600);
  expect(await shown('gate')).toMatchObject({ kind: 'secret', disabled: false });
  await lines.done('device', 'disable', 'gate');
  expect(await lines.done('device', 'show', 'gate')).toMatch(/^kind\tsecret\ndisabled\ttrue\n/);
  await lines.done('device', 'revoke', 'gate');
  await lines.done('device', 'enable', 'gate');
  expect(await shown('gate')).toMatchObject({ kind: 'none', disabled: false });
});

test('a device keeps what it has where there is nowhere for new credentials to go', async () => {
  const before = await lines.onStore((store) => store.credential('lamp'));
  const { code, err } = await lines.tried('device', 'rotate', 'lamp', '--out', join(folder, 'no', 'lamp'));
  expect(err).toMatch(/cannot write .*lamp \(ENOENT\): name another file with --out/);
  expect(code).toBe(1);
  expect(await lines.onStore((store) => store.credential('lamp'))).toEqual(before);
});

test('no file is left where there are no credentials for it', async () => {
  const out = join(folder, 'lantern.json');
  expect((await lines.tried('device', 'rotate', 'lantern', '--out', out)).code).toBe(1);
  expect(existsSync(out)).toBe(false);
});
