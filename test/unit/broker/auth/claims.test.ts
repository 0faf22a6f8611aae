import { beforeEach, describe, expect, test } from 'vitest';
import { authenticator } from '#broker/auth/authenticate.ts';
import { ClaimRefused, createClaim, listClaims, provision, removeClaim } from '#broker/auth/claims.ts';
import { disableDevice, registerDevices, revokeCredential } from '#broker/auth/devices.ts';
import type { ClaimRequest } from '#broker/contract/claim.ts';
import { twin } from '../store/records.ts';
import { faultOf, newAccess, newDeviceKey, newKeys, NOW } from './access-bench.ts';

/** No device has connected yet. */
const never = (): boolean => false;

const END = NOW + 60_000;
const request: ClaimRequest = { name: 'Lamps', uses: 2, expiresAt: END };

let access: Awaited<ReturnType<typeof newAccess>>;
beforeEach(async () => void (access = await newAccess()));

const claimed = async (fields: Partial<ClaimRequest> = {}) =>
  createClaim(access, { ...request, ...fields }, '@ada', NOW);
const ids = async (): Promise<string[]> => (await access.store.devices()).map(({ id }) => id);

/** Why a claim is not accepted, for the log. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClaimRefused);
  return (error as Error).message;
}

/** Whether a device that has been given this may connect. */
async function connects(id: string, secret: string | undefined): Promise<boolean> {
  const authenticate = authenticator(access.store, access.keys, 'home', () => undefined);
  return (await authenticate({ username: `home/${id}`, password: secret }, NOW)).kind === 'device';
}

describe('a claim', () => {
  test('is made with a token that is told once: only a keyed hash is kept', async () => {
    const made = await claimed({ model: 'lamp', place: 'hall', tags: ['b', 'a', 'b'] });
    const told = {
      ...{ id: expect.stringMatching(/^[0-9a-f]{8}$/) as string, name: 'Lamps', uses: 2, left: 2 },
      ...{ expiresAt: END, createdAt: NOW, createdBy: '@ada' },
      ...{ model: 'lamp', place: 'hall', tags: ['b', 'a'] },
    };
    expect(made).toEqual({
      claim: told,
      token: expect.stringMatching(/^swc\.[0-9a-f]{8}\.[\w-]{43}$/) as string,
    });
    expect(await listClaims(access)).toEqual([made.claim]);
    expect(JSON.stringify(await access.store.claims())).not.toContain(made.token.split('.')[2]);
  });

  test('is told without what it does not say', async () => {
    const { claim } = await claimed();
    expect(Object.keys(claim).toSorted()).toEqual(
      ['id', 'name', 'uses', 'left', 'expiresAt', 'createdAt', 'createdBy'].toSorted(),
    );
  });

  test.each([NOW, NOW - 1])('is not made for the past: until %i', async (expiresAt) => {
    expect(await faultOf(() => claimed({ expiresAt }))).toBe('invalid: expiresAt: must be in the future');
    expect(await listClaims(access)).toEqual([]);
  });

  test('is removed once', async () => {
    const { claim } = await claimed();
    await removeClaim(access, claim.id);
    expect(await listClaims(access)).toEqual([]);
    expect(await faultOf(() => removeClaim(access, claim.id))).toBe(
      `notFound: there is no claim ${claim.id}`,
    );
  });
});

describe('a device registers itself', () => {
  test('with what the claim says of it, and can connect then', async () => {
    const { claim, token } = await claimed({ place: 'hall', tags: ['light'] });
    const { issued, claim: used } = await provision(access, token, { id: 'lamp', name: 'Lamp' }, NOW, never);
    expect(used).toBe(claim.id);
    expect(issued).toEqual({ tenant: 'home', id: 'lamp', secret: expect.any(String) as string });
    expect(await access.store.devices()).toEqual([
      { id: 'lamp', name: 'Lamp', place: 'hall', tags: ['light'], createdAt: NOW },
    ]);
    expect(await access.store.credential('lamp')).toMatchObject({ claim: claim.id, model: null });
    expect(await connects('lamp', issued.secret)).toBe(true);
    expect(await listClaims(access)).toMatchObject([{ left: 1 }]);
  });

  test('with a key of its own, and gets no secret', async () => {
    const { pem } = newDeviceKey();
    const { token } = await claimed();
    const { issued } = await provision(access, token, { id: 'lamp', publicKey: pem }, NOW, never);
    expect(issued).toEqual({ tenant: 'home', id: 'lamp' });
    expect(await access.store.credential('lamp')).toMatchObject({ secretMac: null, publicKey: pem });
  });

  test('as the model that the claim is for, to which it is held', async () => {
    const { token } = await claimed({ model: 'lamp' });
    await provision(access, token, { id: 'lamp', model: 'lamp' }, NOW, never);
    expect(await access.store.credential('lamp')).toMatchObject({ model: 'lamp' });
  });

  test('as any model where the claim is for all', async () => {
    const { token } = await claimed();
    await provision(access, token, { id: 'lamp', model: 'lamp' }, NOW, never);
    expect(await access.store.credential('lamp')).toMatchObject({ model: null });
  });

  test('not again once it has connected, also before that is stored', async () => {
    const { token } = await claimed({ uses: 2 });
    await provision(access, token, { id: 'lamp' }, NOW, never);
    const connected = (id: string): boolean => id === 'lamp';
    await expect(provision(access, token, { id: 'lamp' }, NOW, connected)).rejects.toThrow(
      'there is a device lamp already',
    );
  });

  test('again where the answer did not reach it: only the last secret works, and no use is taken', async () => {
    const { token } = await claimed({ uses: 1 });
    const first = await provision(access, token, { id: 'lamp' }, NOW, never);
    const second = await provision(access, token, { id: 'lamp' }, NOW, never);
    expect(await connects('lamp', first.issued.secret)).toBe(false);
    expect(await connects('lamp', second.issued.secret)).toBe(true);
    expect(await listClaims(access)).toMatchObject([{ left: 0 }]);
  });

  test('one of several that want the last use at once', async () => {
    const { token } = await claimed({ uses: 1 });
    const all = ['a', 'b', 'c'].map((id) => provision(access, token, { id }, NOW, never));
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await ids()).toEqual(['a']);
  });
});

describe('a claim is refused', () => {
  const none = 'there is no such claim';
  const spent = 'the claim "Lamps" is used up, or too old';

  test.each<[string, (token: string) => string, string]>([
    ['nothing', () => '', none],
    ['text', () => 'claim', none],
    ['another secret', (token) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, none],
    ['no secret', (token) => token.slice(0, 13), none],
    ['the secret in the name of another claim', (token) => `swc.00000000.${token.split('.')[2]}`, none],
    ['the token as a service’s', (token) => token.replace('swc', 'swy'), none],
  ])('where it is %s', async (_what, change, cause) => {
    const { token } = await claimed();
    expect(await refusal(provision(access, change(token), { id: 'lamp' }, NOW, never))).toBe(cause);
    expect(await ids()).toEqual([]);
    expect(await listClaims(access)).toMatchObject([{ left: 2 }]);
  });

  test('where its secret is that of another claim', async () => {
    const [one, other] = [await claimed(), await claimed()];
    const mixed = `swc.${one.claim.id}.${other.token.split('.')[2]}`;
    expect(await refusal(provision(access, mixed, { id: 'lamp' }, NOW, never))).toBe(none);
  });

  test('where it is of another hub', async () => {
    const { token } = await claimed();
    const other = { ...access, keys: await newKeys() };
    expect(await refusal(provision(other, token, { id: 'lamp' }, NOW, never))).toBe(none);
  });

  test('where it was removed', async () => {
    const { claim, token } = await claimed();
    await removeClaim(access, claim.id);
    expect(await refusal(provision(access, token, { id: 'lamp' }, NOW, never))).toBe(none);
  });

  test.each([undefined, 'plug', 'Lamp', ''])('where it is for another model than %j', async (model) => {
    const { token } = await claimed({ model: 'lamp' });
    const attempt = provision(access, token, { id: 'lamp', model }, NOW, never);
    expect(await refusal(attempt)).toBe('the claim "Lamps" is for the model "lamp"');
    expect(await listClaims(access)).toMatchObject([{ left: 2 }]);
  });

  test('where it is used up', async () => {
    const { token } = await claimed({ uses: 1 });
    await provision(access, token, { id: 'lamp' }, NOW, never);
    expect(await refusal(provision(access, token, { id: 'plug' }, NOW, never))).toBe(spent);
    expect(await ids()).toEqual(['lamp']);
  });

  test('where it has ended, and not a moment before', async () => {
    const { token } = await claimed();
    await provision(access, token, { id: 'lamp' }, END - 1, never);
    expect(await refusal(provision(access, token, { id: 'plug' }, END, never))).toBe(spent);
    expect(await refusal(provision(access, token, { id: 'lamp' }, END, never))).toBe(spent);
  });
});

describe('an id is taken', () => {
  const taken = 'conflict: there is a device lamp already: choose another id, or remove it first';

  test('by a device that was registered otherwise', async () => {
    const [lamp] = await registerDevices(access, [{ id: 'lamp' }], NOW);
    const { token } = await claimed();
    expect(await faultOf(() => provision(access, token, { id: 'lamp' }, NOW, never))).toBe(taken);
    expect(await connects('lamp', lamp?.secret)).toBe(true);
    expect(await listClaims(access)).toMatchObject([{ left: 2 }]);
  });

  test('by a device of another claim', async () => {
    const [one, other] = [await claimed(), await claimed()];
    const { issued } = await provision(access, one.token, { id: 'lamp' }, NOW, never);
    expect(await faultOf(() => provision(access, other.token, { id: 'lamp' }, NOW, never))).toBe(taken);
    expect(await connects('lamp', issued.secret)).toBe(true);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['has connected', () => access.store.saveTwins([twin])],
    ['was barred', () => disableDevice(access, 'lamp', true)],
    ['was revoked', () => revokeCredential(access, 'lamp', NOW)],
  ])('by the device itself once it %s', async (_what, happen) => {
    const { token } = await claimed();
    await provision(access, token, { id: 'lamp' }, NOW, never);
    await happen();
    const before = await access.store.credential('lamp');
    expect(await faultOf(() => provision(access, token, { id: 'lamp' }, NOW, never))).toBe(taken);
    expect(await access.store.credential('lamp')).toEqual(before);
  });
});

test('a bad key costs no use', async () => {
  const { token } = await claimed();
  expect(await faultOf(() => provision(access, token, { id: 'lamp', publicKey: 'x' }, NOW, never))).toContain(
    'invalid: publicKey',
  );
  expect(await listClaims(access)).toMatchObject([{ left: 2 }]);
});
