import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HubKeys } from '#broker/auth/keys.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect } from '../support/mqtt-client.ts';

/** Tokens that somebody could make who has a good one, or all that is public; and some of who has the hub's keys. */

let hub: TestHub;
let good: string;
let keys: HubKeys;

beforeAll(async () => {
  hub = await startTestHub();
  good = await hub.token();
  keys = await HubKeys.load(new DataFolder(hub.settings.data));
});
afterAll(() => hub.close());

const encoded = (part: object | Buffer): string =>
  (Buffer.isBuffer(part) ? part : Buffer.from(JSON.stringify(part))).toString('base64url');
const header = (): Record<string, unknown> =>
  JSON.parse(Buffer.from(good.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>;
const now = (): number => Math.floor(Date.now() / 1_000);

/** The good token, changed, and signed with the hub's own key. */
const signed = (
  change: Record<string, unknown>,
  protectedHeader: Record<string, unknown> = {},
): Promise<string> =>
  new SignJWT({ ...decodeJwt(good), ...change })
    .setProtectedHeader({ ...header(), ...protectedHeader, alg: 'EdDSA' })
    .sign(keys.signing.privateKey);

/** The public key as the hub publishes it, in the forms in which a verifier could mistake it for a secret. */
async function publicForms(): Promise<{ pem: string; jwk: string; x: string }> {
  const { body } = await ask(hub, 'GET', '/.well-known/jwks.json');
  const [jwk] = (JSON.parse(body) as { keys: Record<string, string>[] }).keys;
  if (!jwk) throw new Error('the hub publishes no key');
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string;
  return { pem, jwk: JSON.stringify(jwk), x: jwk['x'] ?? '' };
}

const hmac = (head: object, secret: string | Buffer): string => {
  const content = `${encoded(head)}.${good.split('.')[1]}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
};

const foreign = generateKeyPairSync('ed25519');

const FORGERIES: readonly [string, () => Promise<string> | string][] = [
  ['unsigned, "none"', () => `${encoded({ ...header(), alg: 'none' })}.${good.split('.')[1]}.`],
  ['unsigned, "None"', () => `${encoded({ ...header(), alg: 'None' })}.${good.split('.')[1]}.`],
  ['without its signature', () => `${good.split('.').slice(0, 2).join('.')}.`],
  [
    'keyed with the public key (PEM)',
    async () => hmac({ ...header(), alg: 'HS256' }, (await publicForms()).pem),
  ],
  [
    'keyed with the public key (JWK)',
    async () => hmac({ ...header(), alg: 'HS256' }, (await publicForms()).jwk),
  ],
  [
    'keyed with the public key (bytes)',
    async () => hmac({ ...header(), alg: 'HS256' }, Buffer.from((await publicForms()).x, 'base64url')),
  ],
  ['keyed with nothing', () => hmac({ ...header(), alg: 'HS256' }, '')],
  [
    'signed with a key of the forger, brought along',
    () =>
      new SignJWT(decodeJwt(good))
        .setProtectedHeader({
          ...header(),
          alg: 'EdDSA',
          jwk: foreign.publicKey.export({ format: 'jwk' }) as never,
        })
        .sign(foreign.privateKey),
  ],
  [
    'signed with a key of the forger, under the id of the hub’s',
    () =>
      new SignJWT(decodeJwt(good)).setProtectedHeader({ ...header(), alg: 'EdDSA' }).sign(foreign.privateKey),
  ],
  [
    'with another payload',
    () => good.replace(/\.[^.]+\./, `.${encoded({ ...decodeJwt(good), sub: 'eve' })}.`),
  ],
  [
    'with a bit of its signature turned',
    () => good.slice(0, -8) + (good.at(-8) === 'A' ? 'B' : 'A') + good.slice(-7),
  ],
  ['that has expired', () => signed({ exp: now() - 1 })],
  ['that never expires', () => signed({ exp: undefined })],
  ['that is not yet valid', () => signed({ nbf: now() + 60 })],
  ['for another audience', () => signed({ aud: 'another' })],
  ['of another issuer', () => signed({ iss: 'another' })],
  ['of another type', () => signed({}, { typ: 'JWT' })],
  ['without the id of its key', () => signed({}, { kid: undefined })],
  ['with the id of another key', () => signed({}, { kid: '../keys.json' })],
  ['of a session that never was', () => signed({ sid: 'made-up' })],
  ["in somebody else's session", () => signed({ sub: 'eve' })],
  ['of nobody', () => signed({ sub: undefined })],
  ['with a critical header that nobody knows', () => signed({}, { crit: ['x'], x: 1 }).catch(() => 'a.b.c')],
  ['a service that never was', () => `swy.ghost.${'A'.repeat(43)}`],
  ['a service by the name of a person', () => `swy.owner.${'A'.repeat(43)}`],
  ['nothing but dots', () => '...'],
  ['very long', () => 'A'.repeat(7_000)],
];

test('the good one is good', async () => {
  expect((await ask(hub, 'GET', '/api/people', { Authorization: `Bearer ${good}` })).status).toBe(200);
  expect((await ask(hub, 'GET', '/api/people', { Authorization: `Bearer ${await signed({})}` })).status).toBe(
    200,
  );
});

test.each(FORGERIES)('a token %s opens neither the API nor a link', async (_what, forge) => {
  const token = await forge();
  const answer = await ask(hub, 'GET', '/api/people', { Authorization: `Bearer ${token}` });
  expect(answer.status).toBe(401);
  for (const username of ['@owner', '@eve']) {
    await expect(connect(hub, { username, password: token })).rejects.toMatchObject({ code: 4 });
  }
});

test('the keys are readable by the hub alone, and none of their private parts is published', async () => {
  const file = JSON.parse(readFileSync(join(hub.settings.data, 'keys.json'), 'utf8')) as {
    tokenKeys: { pem: string }[];
  };
  const { d } = createPrivateKey(file.tokenKeys[0]?.pem ?? '').export({ format: 'jwk' });
  const { body } = await ask(hub, 'GET', '/.well-known/jwks.json');
  expect(body).not.toContain(d);
  expect(JSON.parse(body)).toMatchObject({ keys: [{ alg: 'EdDSA', use: 'sig', kty: 'OKP' }] });
});

test('no token and no secret of a device is written to the log', async () => {
  const secrets = await hub.addDevices({ id: 'lamp' });
  await expect(connect(hub, { username: 'home/lamp', password: 'wrong-secret' })).rejects.toMatchObject({
    code: 4,
  });
  const log = hub.log.lines.join('\n');
  for (const secret of [good, secrets.get('lamp') ?? '', 'wrong-secret']) expect(log).not.toContain(secret);
});
