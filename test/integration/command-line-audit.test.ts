import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit as answer } from '#broker/contract/audit.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { Lines } from '../unit/broker/commands/line/lines.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';

let hub: TestHub;
let owner: ApiClient;
let lines: Lines;

beforeAll(async () => {
  hub = await startTestHub();
  owner = await ApiClient.as(hub);
  lines = new Lines(hub.settings.data);
});
afterAll(() => hub.close());

/** What stands in the audit of what was done since, the first first. */
async function since(count: number) {
  const { entries } = answer.parse(await owner.get('/audit?limit=1000'));
  return entries.toReversed().slice(count);
}

test('what is done by command stands in the audit as the same done over HTTP, in the name of @hub', async () => {
  const folder = temporaryFolder();
  const { publicKey: key } = generateKeyPairSync('ed25519');
  const publicKey = key.export({ type: 'spki', format: 'pem' }) as string;
  const file = join(folder, 'key.pem');
  const out = (name: string): string[] => ['--out', join(folder, name)];
  writeFileSync(file, publicKey);
  const grants = { publish: ['a/#'], subscribe: ['#'], role: 'viewer', expiresAt: Date.UTC(2099, 0, 1) };
  const claim = { name: 'Shelf', uses: 3, expiresAt: Date.UTC(2099, 0, 1), tags: ['light'] };

  const before = (await since(0)).length;
  await owner.post('/people', { id: 'ada', role: 'viewer' });
  await owner.ask('PATCH', '/people/ada', { role: 'operator' });
  await owner.post('/people/ada/link');
  await owner.ask('DELETE', '/people/ada/sessions');
  await owner.ask('DELETE', '/people/ada');
  await owner.post('/devices', { id: 'lamp' });
  await owner.post('/devices/lamp/credential');
  await owner.post('/devices/lamp/credential', { publicKey });
  await owner.ask('PATCH', '/devices/lamp/credential', { disabled: true });
  await owner.ask('PATCH', '/devices/lamp/credential', { disabled: false });
  await owner.ask('DELETE', '/devices/lamp/credential');
  await owner.ask('DELETE', '/devices/lamp');
  await owner.post('/services', { id: 'x', ...grants });
  await owner.ask('PATCH', '/services/x', { publish: [], role: null });
  await owner.ask('PATCH', '/services/x', { disabled: true });
  await owner.ask('PATCH', '/services/x', { disabled: false });
  await owner.post('/services/x/token');
  await owner.ask('DELETE', '/services/x');
  const { claim: made } = await owner.post<{ claim: { id: string } }>('/claims', claim);
  await owner.ask('DELETE', `/claims/${made.id}`);
  const overHttp = await since(before);

  await lines.done('user', 'invite', 'ada', '--role', 'viewer');
  await lines.done('user', 'change', 'ada', '--role', 'operator');
  await lines.done('sign-in-link', '--person', 'ada');
  await lines.done('user', 'sign-out', 'ada');
  await lines.done('user', 'remove', 'ada');
  await lines.done('device', 'create', 'lamp', ...out('1'));
  await lines.done('device', 'rotate', 'lamp', ...out('2'));
  await lines.done('device', 'rotate', 'lamp', '--public-key', file, ...out('3'));
  await lines.done('device', 'disable', 'lamp');
  await lines.done('device', 'enable', 'lamp');
  await lines.done('device', 'revoke', 'lamp');
  await lines.done('device', 'remove', 'lamp');
  const more = ['--subscribe', '#', '--role', 'viewer', '--expires', '2099-01-01'];
  await lines.done('service', 'create', 'x', '--publish', 'a/#', ...more);
  await lines.done('service', 'change', 'x', '--no-publish', '--no-role');
  await lines.done('service', 'disable', 'x');
  await lines.done('service', 'enable', 'x');
  await lines.done('service', 'rotate', 'x');
  await lines.done('service', 'remove', 'x');
  const until = ['--expires', '2099-01-01', '--tags', 'light'];
  const token = await lines.done('claim', 'create', '--name', 'Shelf', '--uses', '3', ...until);
  const id = token.split('.')[1] ?? '';
  await lines.done('claim', 'remove', id);
  const byCommand = await since(before + overHttp.length);

  expect(overHttp).toHaveLength(20);
  expect(byCommand.map(({ t: _t, ...entry }) => entry)).toEqual(
    overHttp.map(({ t: _t, from: _from, ...entry }) => ({
      ...entry,
      who: '@hub',
      subject: entry.subject === made.id ? id : entry.subject,
    })),
  );
});

test('what only the command line can do stands there too', async () => {
  const before = (await since(0)).length;
  await lines.done('token');
  await lines.done('keys', 'rotate');
  await lines.done('keys', 'rotate', '--at-once');
  const entries = await lines.onStore((store) => store.audit({ limit: 1_000 }));
  const subject = expect.stringMatching(/^\S{43}$/) as string;
  expect(entries.toReversed().slice(before)).toMatchObject([
    { who: '@hub', action: 'token', subject: '@owner' },
    { who: '@hub', action: 'keys.rotate', subject, detail: '{"atOnce":false}' },
    { who: '@hub', action: 'keys.rotate', subject, detail: '{"atOnce":true}' },
  ]);
});
