import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { signAccessToken, verifyAccessToken } from '#broker/auth/access-tokens.ts';
import { ACCESS_TOKEN_LIFE, HubKeys, parseKeys } from '#broker/auth/keys.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DAY, NOW } from './access-bench.ts';

const newFolder = (): DataFolder => new DataFolder(temporaryFolder());
const stored = (folder: DataFolder): Record<string, unknown> =>
  JSON.parse(folder.read('keys.json') as string) as Record<string, unknown>;
const sign = async (keys: HubKeys, now = NOW): Promise<string> =>
  (await signAccessToken(keys, { person: 'ada', sid: 'sid' }, now)).token;
const isGood = async (keys: HubKeys, token: string, now: number): Promise<boolean> =>
  typeof (await verifyAccessToken(keys, token, now)) !== 'string';
const kidsOf = (keys: HubKeys, now: number): (string | undefined)[] =>
  keys.jwks(now).keys.map(({ kid }) => kid);

describe('keys', () => {
  test('are made on the first start, for their owner only', async () => {
    const folder = newFolder();
    const keys = await HubKeys.load(folder, NOW);
    expect(keys.signing.privateKey.asymmetricKeyType).toBe('ed25519');
    expect(keys.secretsKey).toHaveLength(32);
    expect(statSync(folder.file('keys.json')).mode & 0o777).toBe(0o600);
  });

  test('stay the same', async () => {
    const folder = newFolder();
    const [first, second] = [await HubKeys.load(folder, NOW), await HubKeys.load(folder, NOW + DAY)];
    expect(second.secretsKey).toEqual(first.secretsKey);
    expect(second.signing.kid).toBe(first.signing.kid);
    expect(await isGood(second, await sign(first), NOW)).toBe(true);
  });

  test('are every hub’s own', async () => {
    const [one, other] = [await HubKeys.load(newFolder()), await HubKeys.load(newFolder())];
    expect(one.secretsKey).not.toEqual(other.secretsKey);
    expect(one.signing.kid).not.toBe(other.signing.kid);
    expect(await isGood(other, await sign(one), NOW)).toBe(false);
  });

  test('of a hub that had one for ever are taken over, and the old one signs until it is rotated', async () => {
    const folder = newFolder();
    const { privateKey } = generateKeyPairSync('ed25519');
    const tokenKey = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const secretsKey = Buffer.alloc(32, 7).toString('base64url');
    const content = JSON.stringify({ tokenKey, secretsKey });
    folder.write('keys.json', content, { secret: true });
    const keys = await HubKeys.load(folder, NOW);
    expect(keys.secretsKey).toEqual(Buffer.alloc(32, 7));
    expect(keys.signing.privateKey.equals(privateKey)).toBe(true);
    expect(folder.read('keys.json')).toBe(content);
    expect(keys.isOld(NOW)).toBe(true);
    const token = await sign(keys);
    await keys.rotate(NOW);
    expect(await isGood(await HubKeys.load(folder, NOW), token, NOW)).toBe(true);
    expect(keys.secretsKey).toEqual(Buffer.alloc(32, 7));
    expect(stored(folder)).toMatchObject({ secretsKey, tokenKeys: [{ createdAt: NOW }, { pem: tokenKey }] });
  });
});

describe('a rotation', () => {
  test('has another key sign, and verifies for fifteen minutes what the old one has signed', async () => {
    const keys = await HubKeys.load(newFolder(), NOW);
    const old = keys.signing.kid;
    const last = await sign(keys);
    await keys.rotate(NOW);
    expect(keys.signing.kid).not.toBe(old);
    expect(kidsOf(keys, NOW)).toEqual([keys.signing.kid, old]);
    expect(await isGood(keys, last, NOW + ACCESS_TOKEN_LIFE - 1)).toBe(true);
    expect(keys.verifying(old, NOW + ACCESS_TOKEN_LIFE - 1)).toBeDefined();
    expect(keys.verifying(old, NOW + ACCESS_TOKEN_LIFE)).toBeUndefined();
    expect(kidsOf(keys, NOW + ACCESS_TOKEN_LIFE)).toEqual([keys.signing.kid]);
    expect(await isGood(keys, await sign(keys, NOW + DAY), NOW + DAY)).toBe(true);
  });

  test('forgets what has not verified anything for long, and keeps the file for its owner only', async () => {
    const folder = newFolder();
    const keys = await HubKeys.load(folder, NOW);
    const first = keys.signing.kid;
    await keys.rotate(NOW + 1_000);
    const second = keys.signing.kid;
    await keys.rotate(NOW + 2_000);
    expect(kidsOf(keys, NOW + 2_000)).toEqual([keys.signing.kid, second, first]);
    await keys.rotate(NOW + 1_000 + ACCESS_TOKEN_LIFE);
    expect(stored(folder)['tokenKeys']).toHaveLength(3);
    expect(keys.verifying(first, NOW + 1_000)).toBeUndefined();
    expect(keys.verifying(second, NOW + 1_000 + ACCESS_TOKEN_LIFE)).toBeDefined();
    expect(statSync(folder.file('keys.json')).mode & 0o777).toBe(0o600);
  });

  test('at once leaves nothing that an older key has signed', async () => {
    const folder = newFolder();
    const keys = await HubKeys.load(folder, NOW);
    const tokens = [await sign(keys)];
    await keys.rotate(NOW);
    tokens.push(await sign(keys));
    await keys.rotate(NOW, { atOnce: true });
    const again = await HubKeys.load(folder, NOW);
    for (const each of [keys, again]) {
      for (const token of tokens) expect(await isGood(each, token, NOW)).toBe(false);
      expect(kidsOf(each, NOW)).toEqual([keys.signing.kid]);
      expect(await isGood(each, await sign(keys), NOW)).toBe(true);
    }
  });

  test('leaves the secrets of devices as they are', async () => {
    const keys = await HubKeys.load(newFolder(), NOW);
    const before = keys.secretsKey;
    await keys.rotate(NOW, { atOnce: true });
    expect(keys.secretsKey).toEqual(before);
  });

  test('is due after ninety days', async () => {
    const keys = await HubKeys.load(newFolder(), NOW);
    expect(keys.isOld(NOW + 90 * DAY)).toBe(false);
    expect(keys.isOld(NOW + 90 * DAY + 1)).toBe(true);
    await keys.rotate(NOW + 91 * DAY);
    expect(keys.isOld(NOW + 91 * DAY)).toBe(false);
  });

  test('is due, and ends what there was, where the clock was in the future for a moment', async () => {
    const keys = await HubKeys.load(newFolder(), NOW);
    const first = keys.signing.kid;
    const future = NOW + 29 * 366 * DAY;
    expect(keys.isOld(future)).toBe(true);
    await keys.rotate(future);
    const stray = keys.signing.kid;
    expect(keys.isOld(NOW + 1_000)).toBe(true);
    expect(kidsOf(keys, NOW + 1_000)).toEqual([stray, first]);
    await keys.rotate(NOW + 1_000);
    const { kid } = keys.signing;
    expect(keys.isOld(NOW + 1_000)).toBe(false);
    expect(kidsOf(keys, NOW + 1_000)).toEqual([kid, stray, first]);
    expect(kidsOf(keys, NOW + 1_000 + ACCESS_TOKEN_LIFE)).toEqual([kid]);
    expect(keys.isOld(NOW + 90 * DAY)).toBe(false);
    expect(keys.isOld(NOW + 91 * DAY)).toBe(true);
  });

  test('that cannot be written changes nothing', async () => {
    const folder = newFolder();
    const keys = await HubKeys.load(folder, NOW);
    const { kid } = keys.signing;
    vi.spyOn(folder, 'write').mockImplementation(() => {
      throw new Error('disk full');
    });
    await expect(keys.rotate(NOW)).rejects.toThrow('disk full');
    expect(keys.signing.kid).toBe(kid);
    expect(kidsOf(keys, NOW)).toEqual([kid]);
  });
});

describe('what another process has written', () => {
  test('is taken up: its new key signs here too', async () => {
    const folder = newFolder();
    const hub = await HubKeys.load(folder, NOW);
    const old = await sign(hub);
    const command = await HubKeys.load(folder, NOW);
    await command.rotate(NOW, { atOnce: true });
    expect(await isGood(hub, old, NOW)).toBe(true);
    expect(await hub.reload()).toBe(true);
    expect(await isGood(hub, old, NOW)).toBe(false);
    expect(hub.signing.kid).toBe(command.signing.kid);
    expect(await isGood(command, await sign(hub), NOW)).toBe(true);
  });

  test('is taken up whole: what the hub writes later keeps it', async () => {
    const folder = newFolder();
    const hub = await HubKeys.load(folder, NOW);
    const command = await HubKeys.load(folder, NOW);
    await command.rotate(NOW);
    const other = { ...stored(folder), secretsKey: Buffer.alloc(32, 7).toString('base64url') };
    folder.write('keys.json', JSON.stringify(other), { secret: true });
    await hub.reload();
    expect(hub.secretsKey).toEqual(Buffer.alloc(32, 7));
    await hub.rotate(NOW);
    expect(kidsOf(hub, NOW)).toContain(command.signing.kid);
    expect(stored(folder)).toMatchObject({ secretsKey: other.secretsKey });
    expect(kidsOf(await HubKeys.load(folder, NOW), NOW)).toEqual(kidsOf(hub, NOW));
  });

  test('is told to end what was signed until now, or not to', async () => {
    const folder = newFolder();
    const hub = await HubKeys.load(folder, NOW);
    const command = await HubKeys.load(folder, NOW);
    expect(await hub.reload()).toBe(false);
    await command.rotate(NOW);
    expect(await hub.reload()).toBe(false);
    await command.rotate(NOW, { atOnce: true });
    expect(await hub.reload()).toBe(true);
    expect(await hub.reload()).toBe(false);
  });

  test('is taken up where it was written while the hub was reading', async () => {
    const folder = newFolder();
    const command = await HubKeys.load(folder, NOW);
    const { read } = folder;
    const reading = vi.spyOn(folder, 'read').mockImplementation((name) => {
      const content = read.call(folder, name);
      reading.mockRestore();
      void command.rotate(NOW);
      return content;
    });
    const hub = await HubKeys.load(folder, NOW);
    await vi.waitFor(() => expect(stored(folder)['tokenKeys']).toHaveLength(2));
    await hub.reload();
    expect(hub.signing.kid).toBe(command.signing.kid);
  });

  test('is read only where it has changed', async () => {
    const folder = newFolder();
    const keys = await HubKeys.load(folder, NOW);
    await keys.rotate(NOW);
    const reading = vi.spyOn(folder, 'read');
    onTestFinished(() => reading.mockRestore());
    await keys.reload();
    await keys.reload();
    expect(reading).not.toHaveBeenCalled();
  });

  test('where it is damaged, leaves the keys as they were, and is tried again', async () => {
    const folder = newFolder();
    const hub = await HubKeys.load(folder, NOW);
    const { kid } = hub.signing;
    const file = folder.file('keys.json');
    const command = await HubKeys.load(folder, NOW);
    await command.rotate(NOW);
    const content = readFileSync(file);
    for (const damage of [() => writeFileSync(file, 'damaged'), () => rmSync(file)]) {
      damage();
      await expect(hub.reload()).rejects.toThrow();
      await expect(hub.reload()).rejects.toThrow();
      expect(hub.signing.kid).toBe(kid);
      expect(hub.secretsKey).toEqual(command.secretsKey);
    }
    writeFileSync(file, content);
    await hub.reload();
    expect(hub.signing.kid).toBe(command.signing.kid);
  });

  test('where it cannot be read for a moment, is taken up in the next', async () => {
    const folder = newFolder();
    const hub = await HubKeys.load(folder, NOW);
    const command = await HubKeys.load(folder, NOW);
    await command.rotate(NOW, { atOnce: true });
    vi.spyOn(folder, 'read').mockImplementationOnce(() => {
      throw new Error('too many open files');
    });
    await expect(hub.reload()).rejects.toThrow('too many open files');
    await hub.reload();
    expect(hub.signing.kid).toBe(command.signing.kid);
  });
});

describe('the published keys', () => {
  test('verify what the hub has signed, and have no private parts', async () => {
    const keys = await HubKeys.load(newFolder(), NOW);
    const before = await sign(keys);
    await keys.rotate(NOW);
    const published = keys.jwks(NOW);
    for (const token of [before, await sign(keys)]) {
      const { payload } = await jwtVerify(token, createLocalJWKSet(published), {
        currentDate: new Date(NOW),
      });
      expect(payload.sub).toBe('ada');
    }
    for (const jwk of published.keys) {
      expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
      expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' });
      expect(jwk.kid).toBe(await calculateJwkThumbprint(jwk));
    }
  });

  test('are of no use to whoever names none', async () => {
    const keys = await HubKeys.load(newFolder(), NOW);
    expect(keys.verifying(undefined, NOW)).toBeUndefined();
    expect(keys.verifying('', NOW)).toBeUndefined();
  });
});

test('a key that is none is found where the file is looked at', async () => {
  const folder = newFolder();
  await HubKeys.load(folder, NOW);
  const content = folder.read('keys.json') as string;
  expect(() => parseKeys(content)).not.toThrow();
  const damaged = { ...stored(folder), tokenKeys: [{ pem: 'x', createdAt: 0 }] };
  expect(() => parseKeys(JSON.stringify(damaged))).toThrow();
});

describe('keys that are damaged are refused, and left as they are', () => {
  test.each<[string, (keys: Record<string, unknown>) => unknown]>([
    ['empty', () => ''],
    ['cut short', (keys) => JSON.stringify(keys).slice(0, -20)],
    ['not JSON', () => 'keys'],
    ['null', () => 'null'],
    ['without the token keys', ({ secretsKey }) => ({ secretsKey })],
    ['with no token key at all', (keys) => ({ ...keys, tokenKeys: [] })],
    ['without the secrets key', ({ tokenKeys }) => ({ tokenKeys })],
    ['with a short secrets key', (keys) => ({ ...keys, secretsKey: 'AAAA' })],
    ['with a token key that is none', (keys) => ({ ...keys, tokenKeys: [{ pem: 'x', createdAt: 0 }] })],
    ['with a token key of no age', (keys) => ({ ...keys, tokenKeys: [{ pem: firstPem(keys) }] })],
    ['with something unknown', (keys) => ({ ...keys, more: 'x' })],
    ['of the first form, damaged', ({ secretsKey }) => ({ secretsKey, tokenKey: 'x' })],
    ['of both forms', (keys) => ({ ...keys, tokenKey: firstPem(keys) })],
  ])('%s', async (_name, damage) => {
    const folder = newFolder();
    await HubKeys.load(folder, NOW);
    const made = damage(stored(folder));
    const damaged = typeof made === 'string' ? made : JSON.stringify(made);
    writeFileSync(folder.file('keys.json'), damaged);
    const { problem, remedy } = await startErrorOf(() => HubKeys.load(folder, NOW));
    expect(problem).toBe(`${folder.file('keys.json')} is damaged`);
    expect(remedy).toContain('restore it from a backup');
    expect(folder.read('keys.json')).toBe(damaged);
  });
});

const firstPem = ({ tokenKeys }: Record<string, unknown>): unknown =>
  (tokenKeys as readonly { pem: string }[])[0]?.pem;
