import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CredentialsFile } from '#broker/commands/devices.ts';
import type { Issued } from '#broker/contract/credential.ts';
import { command } from '../support/command-line.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { ask } from '../support/https.ts';
import { connect, connectDevice, type TestClient } from '../support/mqtt-client.ts';
import { own, PASSWORD, postSession, signIn, signInByCode } from '../support/sign-in.ts';

/** What other processes do to the data folder of a hub that runs: it acts on it by itself. */

let hub: TestHub;
let folder: string;
const clients: TestClient[] = [];

beforeAll(async () => {
  hub = await startTestHub();
  folder = mkdtempSync(join(tmpdir(), 'switchyard-live-'));
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
});

const line = async (...args: readonly string[]): Promise<string> =>
  (await command(hub.settings.data, ...args)).trimEnd();

/** A link that is up. */
async function up(client: Promise<TestClient>): Promise<TestClient> {
  const connected = await client;
  clients.push(connected);
  return connected;
}

const linkOf = (name: string, token: string) => connect(hub, { username: `@${name}`, password: token });

const refused = (client: Promise<TestClient>) => expect(client).rejects.toMatchObject({ code: 4 });

/** Why the hub ends the link of somebody upon a command. */
async function endsLinkOf(who: string, client: TestClient, ...args: readonly string[]): Promise<string> {
  hub.log.lines.splice(0);
  const closed = client.closed();
  await line(...args);
  await closed;
  return (await hub.log.line(new RegExp(`^ended the link of ${who}: `))).replace(/^.*?: /, '');
}

describe('people', () => {
  test('come in by the link of their invitation', async () => {
    const link = new URL(await line('user', 'invite', 'ada', '--role', 'viewer'));
    expect(link.origin).toBe('https://localhost:8443');
    const answer = await postSession(hub, { code: link.hash.slice(1), password: PASSWORD });
    expect(JSON.parse(answer.body)).toMatchObject({ user: { id: 'ada', role: 'viewer' } });
    expect(await line('user', 'list')).toMatch(/^ada\tada\tviewer\tpassword\t1\t\S+$/m);
  });

  test('who forgot their password choose another by a link, and all their sessions end', async () => {
    await hub.addPerson('ben', 'operator');
    const { session } = await signInByCode(hub, 'ben');
    const client = await up(linkOf('ben', session.accessToken));
    const link = new URL(await line('sign-in-link', '--person', 'ben'));
    expect(client.mqtt.connected).toBe(true);
    const closed = client.closed();
    await postSession(hub, { code: link.hash.slice(1), password: 'twelve blue tricycles' });
    await closed;
  });

  test('lose their links when their role changes, and come back with the new one', async () => {
    await hub.addPerson('cleo', 'admin');
    const { session } = await signInByCode(hub, 'cleo');
    const client = await up(linkOf('cleo', session.accessToken));
    const reason = await endsLinkOf('@cleo', client, 'user', 'change', 'cleo', '--role', 'viewer');
    expect(reason).toBe('the role is viewer now');
    const bearer = { Authorization: `Bearer ${session.accessToken}` };
    expect((await ask(hub, 'GET', '/api/people', bearer)).status).toBe(403);
    await up(linkOf('cleo', session.accessToken));
  });

  test('lose the links of a session that is ended, and keep those of others', async () => {
    await hub.addPerson('dora', 'viewer');
    const first = await signInByCode(hub, 'dora');
    const [id = ''] = (await line('user', 'sessions', 'dora')).split('\t');
    const second = await signIn(hub, 'dora');
    const [left, kept] = [
      await up(linkOf('dora', first.session.accessToken)),
      await up(linkOf('dora', second.session.accessToken)),
    ];
    const reason = await endsLinkOf('@dora', left, 'user', 'sign-out', 'dora', '--session', id);
    expect(reason).toBe('the session has ended');
    expect(kept.mqtt.connected).toBe(true);
    await endsLinkOf('@dora', kept, 'user', 'sign-out', 'dora');
    await refused(linkOf('dora', second.session.accessToken));
    const renewal = { ...own(hub), Cookie: second.cookie };
    expect((await ask(hub, 'POST', '/api/session/refresh', renewal)).status).toBe(401);
  });

  test('lose their links when they are removed', async () => {
    await hub.addPerson('emil', 'viewer');
    const client = await up(linkOf('emil', await line('token', '--person', 'emil')));
    expect(await endsLinkOf('@emil', client, 'user', 'remove', 'emil')).toBe('this person was removed');
  });
});

describe('devices', () => {
  const secretOf = (printed: string): string =>
    (JSON.parse(printed) as CredentialsFile).devices[0]?.secret ?? '';

  test('connect as soon as they are created, and lose their link and their secret to another', async () => {
    const first = secretOf(await line('device', 'create', 'lamp'));
    const client = await up(connectDevice(hub, 'lamp', first));
    const out = join(folder, 'lamp.json');
    const reason = await endsLinkOf('lamp', client, 'device', 'rotate', 'lamp', '--out', out);
    expect(reason).toBe('its credential was replaced or revoked');
    await refused(connectDevice(hub, 'lamp', first));
    await up(connectDevice(hub, 'lamp', secretOf(readFileSync(out, 'utf8'))));
  });

  test('lose their link while they are disabled', async () => {
    const secret = secretOf(await line('device', 'create', 'plug'));
    const client = await up(connectDevice(hub, 'plug', secret));
    expect(await endsLinkOf('plug', client, 'device', 'disable', 'plug')).toBe('this device was disabled');
    await refused(connectDevice(hub, 'plug', secret));
    await line('device', 'enable', 'plug');
    await up(connectDevice(hub, 'plug', secret));
  });

  test('lose their link when they are revoked, or removed', async () => {
    const secret = secretOf(await line('device', 'create', 'lock'));
    const revoked = await up(connectDevice(hub, 'lock', secret));
    expect(await endsLinkOf('lock', revoked, 'device', 'revoke', 'lock')).toBe(
      'its credential was replaced or revoked',
    );
    await refused(connectDevice(hub, 'lock', secret));
    const removed = await up(connectDevice(hub, 'lock', secretOf(await line('device', 'rotate', 'lock'))));
    const closed = removed.closed();
    await line('device', 'remove', 'lock');
    await closed;
  });
});

describe('claims', () => {
  test('let as many devices register themselves as is said, until they are removed', async () => {
    const make = (uses: string) =>
      line('claim', 'create', '--name', 'x', '--expires', '1h', '--uses', uses, '--place', 'Hall');
    const provision = (id: string, token: string) =>
      ask(hub, 'POST', '/api/provision', { Authorization: `Bearer ${token}` }, { id });
    const [once, often] = [await make('1'), await make('5')];
    const answer = await provision('self-1', once);
    expect(answer.status).toBe(201);
    const { secret = '' } = JSON.parse(answer.body) as Issued;
    await up(connectDevice(hub, 'self-1', secret));
    expect((await provision('self-2', once)).status).toBe(401);
    expect(await line('device', 'list')).toContain('self-1\tself-1\tHall');
    await line('claim', 'remove', often.split('.')[1] ?? '');
    expect((await provision('self-3', often)).status).toBe(401);
  });
});

describe('services', () => {
  test('connect with the token that was printed, and lose their links to another', async () => {
    const token = await line('service', 'create', 'bridge', '--subscribe', 'plant/#', '--role', 'viewer');
    const bearer = { Authorization: `Bearer ${token}` };
    expect((await ask(hub, 'GET', '/api/devices', bearer)).status).toBe(200);
    const client = await up(linkOf('bridge', token));
    expect(await endsLinkOf('@bridge', client, 'service', 'rotate', 'bridge')).toBe(
      'its token or its grants were changed',
    );
    await refused(linkOf('bridge', token));
    expect((await ask(hub, 'GET', '/api/devices', bearer)).status).toBe(401);
  });

  test('lose their links when they may do less, are disabled, or are removed', async () => {
    const token = await line('service', 'create', 'script', '--publish', 'plant/#');
    const changed = await up(linkOf('script', token));
    await endsLinkOf('@script', changed, 'service', 'change', 'script', '--no-publish');
    const disabled = await up(linkOf('script', token));
    expect(await endsLinkOf('@script', disabled, 'service', 'disable', 'script')).toBe(
      'this service was disabled',
    );
    await refused(linkOf('script', token));
    await line('service', 'enable', 'script');
    const removed = await up(linkOf('script', token));
    expect(await endsLinkOf('@script', removed, 'service', 'remove', 'script')).toBe(
      'this service was removed',
    );
  });
});

describe('keys', () => {
  const keyIds = async (): Promise<string[]> => {
    const { body } = await ask(hub, 'GET', '/.well-known/jwks.json');
    return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };

  test('are replaced, and what the one before has signed stays good', async () => {
    const [first] = await keyIds();
    const old = await line('token');
    const client = await up(linkOf('owner', old));
    await line('keys', 'rotate');
    await vi.waitFor(async () => expect(await keyIds()).toHaveLength(2));
    expect((await keyIds())[1]).toBe(first);
    await up(linkOf('owner', await line('token')));
    expect(client.mqtt.connected).toBe(true);
    await up(linkOf('owner', old));
  });

  test('are replaced at once, which ends the links of people, who come back by their session', async () => {
    await hub.addPerson('gus', 'viewer');
    const { session, cookie } = await signInByCode(hub, 'gus');
    const client = await up(linkOf('gus', session.accessToken));
    const service = await up(linkOf('steady', await line('service', 'create', 'steady')));
    expect(await endsLinkOf('@gus', client, 'keys', 'rotate', '--at-once')).toBe(
      'all access tokens were revoked',
    );
    expect(await keyIds()).toHaveLength(1);
    expect(service.mqtt.connected).toBe(true);
    await refused(linkOf('gus', session.accessToken));
    const bearer = { Authorization: `Bearer ${session.accessToken}` };
    expect((await ask(hub, 'GET', '/api/devices', bearer)).status).toBe(401);
    const renewed = await ask(hub, 'POST', '/api/session/refresh', { ...own(hub), Cookie: cookie });
    await up(linkOf('gus', (JSON.parse(renewed.body) as { accessToken: string }).accessToken));
  });
});
