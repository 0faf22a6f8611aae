import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { desc, requestTopic, rqCmd, tokenTopic, TYPE, upTopic } from '#firmware-protocol';
import type { Issued, ToldCredential } from '#broker/contract/credential.ts';
import type { ToldService } from '#broker/contract/service.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { ask } from '../support/https.ts';
import { connect, connectDevice, connectPerson, type TestClient } from '../support/mqtt-client.ts';
import { own, signIn, signInByCode } from '../support/sign-in.ts';

let hub: TestHub;
let owner: ApiClient;
const clients: TestClient[] = [];

beforeAll(async () => {
  hub = await startTestHub();
  owner = await ApiClient.as(hub);
});
afterAll(() => hub.close());
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
});

/** A link that is up. */
async function up(client: Promise<TestClient>): Promise<TestClient> {
  const connected = await client;
  clients.push(connected);
  return connected;
}

/** Why the hub ends the link of somebody upon what is done. */
async function endsLinkOf(who: string, client: TestClient, deed: () => Promise<unknown>): Promise<string> {
  hub.log.lines.splice(0);
  const closed = client.closed();
  await deed();
  await closed;
  return (await hub.log.line(new RegExp(`^ended the link of ${who}: `))).replace(/^.*?: /, '');
}

const LIGHT = { pid: 1, key: 'on', type: TYPE.bool };

const command = (device: string) =>
  [
    requestTopic('home', device, 'cmd'),
    Buffer.from(rqCmd.encode({ id: new Uint8Array(8).fill(7), ttl: 1_000, vals: new Map([[1, true]]) })),
    { qos: 1 },
  ] as const;

describe('people', () => {
  test('lose their links when their session is ended by an administrator', async () => {
    await hub.addPerson('ada', 'operator');
    const { session } = await signInByCode(hub, 'ada');
    const client = await up(connect(hub, { username: '@ada', password: session.accessToken }));
    const { sessions } = await owner.get<{ sessions: { id: string }[] }>('/people/ada/sessions');
    expect(sessions).toHaveLength(1);
    const reason = await endsLinkOf('@ada', client, () =>
      owner.ask('DELETE', `/people/ada/sessions/${sessions[0]?.id}`),
    );
    expect(reason).toBe('the session has ended');
    await expect(connect(hub, { username: '@ada', password: session.accessToken })).rejects.toMatchObject({
      code: 4,
    });
  });

  test('lose their links when their role is lowered, and are back with the lower one by the same session', async () => {
    await hub.addPerson('bob', 'admin');
    const { session, cookie } = await signInByCode(hub, 'bob');
    const client = await up(connect(hub, { username: '@bob', password: session.accessToken }));
    const reason = await endsLinkOf('@bob', client, () =>
      owner.ask('PATCH', '/people/bob', { role: 'viewer' }),
    );
    expect(reason).toBe('the role is viewer now');
    const bearer = { Authorization: `Bearer ${session.accessToken}` };
    expect((await ask(hub, 'GET', '/api/people', bearer)).status).toBe(403);
    const renewed = await ask(hub, 'POST', '/api/session/refresh', { ...own(hub), Cookie: cookie });
    expect(JSON.parse(renewed.body)).toMatchObject({ user: { role: 'viewer' } });
    const again = await up(connect(hub, { username: '@bob', password: session.accessToken }));
    const closed = again.closed();
    again.mqtt.publish(...command('lamp'));
    await closed;
  });

  test('lose all but the session that changes the password, and all by a one-time link', async () => {
    await hub.addPerson('cleo', 'viewer');
    const first = await signInByCode(hub, 'cleo');
    const second = await signIn(hub, 'cleo');
    const client = await up(connect(hub, { username: '@cleo', password: first.session.accessToken }));
    await endsLinkOf('@cleo', client, async () => {
      const headers = { Authorization: `Bearer ${second.session.accessToken}` };
      const body = { current: 'eleven green bicycles', password: 'twelve blue tricycles' };
      expect((await ask(hub, 'PUT', '/api/account/password', headers, body)).status).toBe(204);
    });
    const kept = await up(connect(hub, { username: '@cleo', password: second.session.accessToken }));
    await endsLinkOf('@cleo', kept, () => signInByCode(hub, 'cleo'));
  });

  test('cannot all be lowered: somebody must be left to let others in', async () => {
    const refused = await owner.refusal('PATCH', '/people/owner', { role: 'viewer' });
    expect(refused).toMatchObject({ status: 409, code: 'conflict' });
    expect(refused.message).toContain('last administrator');
    expect(await owner.refusal('DELETE', '/people/owner')).toMatchObject({ status: 409 });
  });

  test('keep a link beyond its token by publishing the next one', async () => {
    const token = await hub.token();
    const client = await up(connectPerson(hub));
    await client.mqtt.publishAsync(tokenTopic('home'), token, { qos: 1 });
    expect(client.mqtt.connected).toBe(true);
  });

  test("lose a link that is given a token that is none, or somebody else's", async () => {
    await hub.addPerson('dora', 'viewer');
    for (const token of ['nonsense', await hub.token('dora')]) {
      const client = await up(connectPerson(hub));
      const closed = client.closed();
      client.mqtt.publish(tokenTopic('home'), token, { qos: 1 });
      await closed;
    }
  });
});

describe('devices', () => {
  async function newDevice(id: string): Promise<{ issued: Issued; client: TestClient }> {
    const issued = await owner.post<Issued>('/devices', { id });
    return { issued, client: await up(connectDevice(hub, id, issued.secret ?? '')) };
  }

  test('lose their link and their old secret when it is replaced', async () => {
    const { issued, client } = await newDevice('lamp1');
    let next: Issued | undefined;
    const reason = await endsLinkOf('lamp1', client, async () => {
      next = await owner.post<Issued>('/devices/lamp1/credential');
    });
    expect(reason).toBe('its credential was replaced or revoked');
    await expect(connectDevice(hub, 'lamp1', issued.secret ?? '')).rejects.toMatchObject({ code: 4 });
    await up(connectDevice(hub, 'lamp1', next?.secret ?? ''));
  });

  test('lose their link while they are disabled, and keep their secret', async () => {
    const { issued, client } = await newDevice('lamp2');
    await endsLinkOf('lamp2', client, () =>
      owner.ask('PATCH', '/devices/lamp2/credential', { disabled: true }),
    );
    await expect(connectDevice(hub, 'lamp2', issued.secret ?? '')).rejects.toMatchObject({ code: 4 });
    await owner.ask('PATCH', '/devices/lamp2/credential', { disabled: false });
    await up(connectDevice(hub, 'lamp2', issued.secret ?? ''));
  });

  test('lose their link when their credential is revoked, and are still there', async () => {
    const { issued, client } = await newDevice('lamp3');
    await endsLinkOf('lamp3', client, () => owner.ask('DELETE', '/devices/lamp3/credential'));
    await expect(connectDevice(hub, 'lamp3', issued.secret ?? '')).rejects.toMatchObject({ code: 4 });
    expect(await owner.get<ToldCredential>('/devices/lamp3/credential')).toMatchObject({ kind: 'none' });
    expect(await owner.get('/devices/lamp3')).toMatchObject({ id: 'lamp3' });
  });

  test('lose their link when they are removed', async () => {
    const { client } = await newDevice('lamp4');
    const closed = client.closed();
    await owner.ask('DELETE', '/devices/lamp4');
    await closed;
    expect((await owner.refusal('GET', '/devices/lamp4')).status).toBe(404);
  });

  describe.each([
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', () => generateKeyPairSync('ed25519')],
  ] as const)('with a key of their own (%s)', (alg, newKeys) => {
    const { publicKey, privateKey } = newKeys() as { publicKey: KeyObject; privateKey: KeyObject };
    const id = `keyed-${alg.toLowerCase()}`;
    const tokenFor = (life: number): Promise<string> => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT()
        .setProtectedHeader({ alg })
        .setAudience('switchyard')
        .setSubject(`home/${id}`)
        .setIssuedAt(now)
        .setExpirationTime(now + life)
        .sign(privateKey);
    };

    test('get no secret, and connect with tokens that they sign', async () => {
      const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
      expect(await owner.post('/devices', { id, publicKey: pem })).toEqual({ tenant: 'home', id });
      await up(connectDevice(hub, id, await tokenFor(600)));
      expect(await owner.get(`/devices/${id}/credential`)).toMatchObject({ kind: 'key' });
    });

    test('lose their link when the token runs out, and keep it beyond by publishing the next one', async () => {
      // Clocks of devices may be a minute off, so these are good for about two seconds.
      const link = await up(connectDevice(hub, id, await tokenFor(-58)));
      await link.closed();
      const kept = await up(connectDevice(hub, id, await tokenFor(-58)));
      await kept.mqtt.publishAsync(tokenTopic('home'), await tokenFor(-57), { qos: 1 });
      await kept.closed();
      expect(
        hub.log.lines.filter((line) => line === `${id} disconnected: its access has run out`),
      ).toHaveLength(2);
    });
  });
});

describe('services', () => {
  async function newService(id: string, more: object): Promise<{ service: ToldService; token: string }> {
    return owner.post('/services', { id, ...more });
  }
  const link = (id: string, password: string, clientId = 'any'): Promise<TestClient> =>
    up(connect(hub, { username: `@${id}`, password, clientId }));

  test('exchange what their filters allow, and nothing of the hub', async () => {
    const { token } = await newService('bridge', { publish: ['#'], subscribe: ['#'] });
    const client = await link('bridge', token);
    await client.mqtt.subscribeAsync('#', { qos: 1 });
    await client.mqtt.publishAsync('zigbee/lamp', 'on', { qos: 1 });
    const { secret = '' } = await owner.post<Issued>('/devices', { id: 'lamp5' });
    const lamp = await up(connectDevice(hub, 'lamp5', secret));
    await lamp.mqtt.subscribeAsync('iot/1/home/lamp5/dn/#', { qos: 1 });
    await lamp.until((received) => received.find(({ topic }) => topic.endsWith('/dn/ctl')));
    await client.mqtt.publishAsync('zigbee/last', 'x', { qos: 1 });
    await client.until((received) => received.find(({ topic }) => topic === 'zigbee/last'));
    const topics = client.received.map(({ topic }) => topic);
    expect(topics).toContain('zigbee/lamp');
    expect(topics.filter((topic) => /\/(dn|rq)\//.test(topic))).toEqual([]);
  });

  test.each([
    'iot/1/home/lamp5/dn/cmd',
    'iot/1/home/lamp5/up/state',
    'iot/1/home/@hub/ev/fleet',
    'iot/1/away/lamp5/rq/cmd',
    '$SYS/x',
  ])('with every topic granted may still not publish to %s', async (topic) => {
    const id = `all-${topic.replaceAll(/[^a-z]/g, '').slice(-20)}`;
    const { token } = await newService(id, { publish: ['#'] });
    const client = await link(id, token);
    const closed = client.closed();
    client.mqtt.publish(topic, 'x', { qos: 1 });
    await closed;
  });

  test('command devices in their own name', async () => {
    const { token } = await newService('switcher', { publish: ['iot/1/home/+/rq/cmd'] });
    const client = await link('switcher', token);
    await client.mqtt.publishAsync(...command('lamp5'));
    const { commands } = await owner.get<{ commands: { who: string }[] }>('/commands?device=lamp5');
    expect(commands[0]?.who).toBe('@switcher');
  });

  test('have several links at once, each with a client id of its own', async () => {
    const { token } = await newService('many', { subscribe: ['a/#'] });
    const [one, two] = [await link('many', token, 'one'), await link('many', token, 'two')];
    expect([one.mqtt.connected, two.mqtt.connected]).toEqual([true, true]);
  });

  test('use the HTTP API with their token, as far as their role goes', async () => {
    const viewer = await newService('reader', { role: 'viewer' });
    const none = await newService('mute', {});
    const get = (token: string, path: string) => ask(hub, 'GET', path, { Authorization: `Bearer ${token}` });
    expect((await get(viewer.token, '/api/devices')).status).toBe(200);
    expect((await get(viewer.token, '/api/people')).status).toBe(403);
    expect((await get(viewer.token, '/api/account/sessions')).status).toBe(403);
    expect((await get(none.token, '/api/devices')).status).toBe(403);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['disabled', (id) => owner.ask('PATCH', `/services/${id}`, { disabled: true })],
    ['given other filters', (id) => owner.ask('PATCH', `/services/${id}`, { subscribe: ['b/#'] })],
    ['given another token', (id) => owner.ask('POST', `/services/${id}/token`)],
    ['removed', (id) => owner.ask('DELETE', `/services/${id}`)],
  ])('lose their links when they are %s', async (what, deed) => {
    const id = `lost-${what.replaceAll(' ', '-').slice(0, 20)}`;
    const { token } = await newService(id, { subscribe: ['a/#'] });
    const client = await link(id, token);
    await endsLinkOf(`@${id}`, client, () => deed(id));
  });

  test('keep their links when they are only called otherwise', async () => {
    const { token } = await newService('named', { subscribe: ['a/#'], publish: ['a/#'] });
    const client = await link('named', token);
    await owner.ask('PATCH', '/services/named', { name: 'Another name' });
    await client.mqtt.publishAsync('a/b', 'x', { qos: 1 });
  });

  test('lose their links when their time is up', async () => {
    const { token } = await newService('guest', { subscribe: ['a/#'], expiresAt: Date.now() + 1_500 });
    const client = await link('guest', token);
    await client.closed();
    await expect(connect(hub, { username: '@guest', password: token })).rejects.toMatchObject({ code: 4 });
  });

  test('share their ids with people, and take none of the hub', async () => {
    await newService('ivy', {});
    expect(await owner.refusal('POST', '/people', { id: 'ivy', role: 'viewer' })).toMatchObject({
      status: 409,
    });
    expect(await owner.refusal('POST', '/services', { id: 'owner' })).toMatchObject({ status: 409 });
    expect(await owner.refusal('POST', '/services', { id: 'hub' })).toMatchObject({ status: 409 });
  });
});

describe('claims', () => {
  const provision = (token: string, body: object) =>
    ask(hub, 'POST', '/api/provision', { Authorization: `Bearer ${token}` }, body);

  test('let as many devices of a model register themselves as they say', async () => {
    const { token, claim } = await owner.post<{ token: string; claim: { id: string } }>('/claims', {
      name: 'Shelf 4',
      uses: 2,
      expiresAt: Date.now() + 60_000,
      model: 'sim-lamp',
      place: 'Shelf 4',
      tags: ['new'],
    });
    expect((await provision(token, { id: 'new1' })).status).toBe(401);
    expect((await provision(token, { id: 'new1', model: 'other' })).status).toBe(401);
    const first = await provision(token, { id: 'new1', model: 'sim-lamp' });
    const again = await provision(token, { id: 'new1', model: 'sim-lamp' });
    expect([first.status, again.status]).toEqual([201, 201]);
    const { secret } = JSON.parse(again.body) as Issued;
    await expect(
      connectDevice(hub, 'new1', (JSON.parse(first.body) as Issued).secret ?? ''),
    ).rejects.toThrow();
    const device = await up(connectDevice(hub, 'new1', secret ?? ''));
    // It has connected, so its credential is its own, whoever has the claim.
    expect((await provision(token, { id: 'new1', model: 'sim-lamp' })).status).toBe(409);
    expect(device.mqtt.connected).toBe(true);
    const description = { proto: [1, 0] as [number, number], model: 'other', fw: '1', props: [LIGHT] };
    const closed = device.closed();
    device.mqtt.publish(upTopic('home', 'new1', 'desc'), Buffer.from(desc.encode(description)), { qos: 1 });
    await closed;
    await hub.log.line(/^new1 describes itself as "other", and was registered as "sim-lamp"/);
    expect((await provision(token, { id: 'new2', model: 'sim-lamp' })).status).toBe(201);
    expect((await provision(token, { id: 'new3', model: 'sim-lamp' })).status).toBe(401);
    expect(await owner.get('/devices/new1')).toMatchObject({ place: 'Shelf 4', tags: ['new'] });
    expect(await owner.get('/devices/new1/credential')).toMatchObject({ claim: claim.id });
  });

  test('do not let a device take the id of another', async () => {
    const { token } = await owner.post<{ token: string }>('/claims', {
      name: 'any',
      uses: 5,
      expiresAt: Date.now() + 60_000,
    });
    await owner.post('/devices', { id: 'mine' });
    expect((await provision(token, { id: 'mine' })).status).toBe(409);
  });
});
