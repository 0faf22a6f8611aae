import * as crypto from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi, type Mock } from 'vitest';
import { hashPassword, passwordFault, passwordMatches } from '#broker/auth/passwords.ts';
import { BusyError } from '#broker/auth/turns.ts';
import { cheapHash } from './access-bench.ts';

// Every derivation is done, and counted.
vi.mock('node:crypto', { spy: true });
const scrypt = crypto.scrypt as unknown as Mock;
beforeEach(() => void scrypt.mockClear());
afterEach(() => void scrypt.mockClear());

/** What each derivation cost. */
const costs = (): unknown[] =>
  scrypt.mock.calls.map((call) => {
    const [, , length, { N, r, p }] = call as [string, Buffer, number, crypto.ScryptOptions];
    return { length, N, r, p };
  });
const FULL = { length: 32, N: 2 ** 15, r: 8, p: 3 };

describe('a hash', () => {
  test('is what scrypt of Node makes with the salt and the cost that stand in it', async () => {
    const stored = await hashPassword('correct horse');
    const [, salt, hash] = /^\$scrypt\$ln=15,r=8,p=3\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/.exec(
      stored,
    ) as unknown as [string, string, string];
    const options = { N: 32_768, r: 8, p: 3, maxmem: 2 ** 26 };
    const derived = crypto.scryptSync('correct horse', Buffer.from(salt, 'base64'), 32, options);
    expect(Buffer.from(hash, 'base64')).toEqual(derived);
  });

  test('has a salt of its own', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(one.split('$')[3]).not.toBe(other.split('$')[3]);
    expect(one.split('$')[4]).not.toBe(other.split('$')[4]);
  });

  // RFC 7914, section 12: the first 32 bytes, which are the same for any longer key.
  test.each([
    ['password', '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI'],
    [
      'pleaseletmein',
      '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI',
    ],
  ])('of the standard matches: %s', async (password, stored) => {
    expect(await passwordMatches(password, stored)).toBe(true);
    expect(await passwordMatches(`${password} `, stored)).toBe(false);
  });

  const composed = 'p\u00e4sswort der K\u00f6nigin';
  const decomposed = 'pa\u0308sswort der Ko\u0308nigin';

  test.each([
    ['the same', composed, true],
    ['the same, typed otherwise', decomposed, true],
    ['another case', composed.toUpperCase(), false],
    ['without its accents', 'passwort der Konigin', false],
    ['a blank more', `${composed} `, false],
    ['nothing', '', false],
  ])('matches its own password: %s', async (_name, password, matches) => {
    expect(await passwordMatches(password, cheapHash(composed))).toBe(matches);
  });

  test('is the same however the password was typed when it was chosen', async () => {
    expect(await passwordMatches(composed, await hashPassword(decomposed))).toBe(true);
  });

  test('tells characters apart that only look alike', async () => {
    expect(await passwordMatches('ﬁne day, fine night', cheapHash('fine day, fine night'))).toBe(false);
  });
});

describe('what is no hash of this kind matches nothing', () => {
  const good = cheapHash('correct horse');
  const [, , cost, salt, hash] = good.split('$') as [string, string, string, string, string];
  const longer = Buffer.concat([Buffer.from(hash, 'base64'), Buffer.alloc(1)]).toString('base64');

  test('though the one that the others are made of matches', async () => {
    expect(await passwordMatches('correct horse', good)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['the password itself', 'correct horse'],
    ['another function', `$argon2id$${cost}$${salt}$${hash}`],
    ['no salt', `$scrypt$${cost}$$${hash}`],
    ['no hash', `$scrypt$${cost}$${salt}$`],
    ['a part of the hash', `$scrypt$${cost}$${salt}$${hash.slice(0, 22)}`],
    ['more than the hash', `$scrypt$${cost}$${salt}$${longer}`],
    ['something before it', `x${good}`],
    ['something behind it', `${good}$x`],
    ['a line behind it', `${good}\n`],
    ['a cost with a sign', good.replace('r=1', 'r=-1')],
    ['a cost that is missing', good.replace(',p=1', '')],
  ])('%s', async (_name, stored) => {
    expect(await passwordMatches('correct horse', stored)).toBe(false);
  });
});

describe('a wrong name costs what a wrong password does', () => {
  test('of somebody who is there, of somebody without a password, and of nobody', async () => {
    const stored = await hashPassword('correct horse');
    scrypt.mockClear();
    for (const each of [stored, null, undefined]) expect(await passwordMatches('guess', each)).toBe(false);
    expect(costs()).toEqual([FULL, FULL, FULL]);
  });

  test('the cost of a known hash is its own', async () => {
    await passwordMatches('guess', cheapHash('correct horse'));
    expect(costs()).toEqual([{ length: 32, N: 16, r: 1, p: 1 }]);
  });
});

test('of a flood of sign-ins, so many wait, and the others are told at once that the hub is busy', async () => {
  const stored = cheapHash('correct horse');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 70 }, () => passwordMatches('correct horse', stored)),
  );
  const letIn = outcomes.filter(({ status }) => status === 'fulfilled');
  const turnedAway = outcomes.slice(letIn.length) as PromiseRejectedResult[];
  expect(letIn).toHaveLength(66);
  expect(turnedAway.every(({ reason }) => reason instanceof BusyError)).toBe(true);
  expect(scrypt).toHaveBeenCalledTimes(66);
  expect(await passwordMatches('correct horse', stored)).toBe(true);
});

describe('a password is not good enough', () => {
  const different = 'use at least 5 different characters';
  const anybody = 'it is little more than names, runs of keys and digits, which anybody would try';

  test.each([
    ['correct horse', undefined],
    ['abcdeabcdeab', undefined],
    ['密码很长而且很难猜到的呢', undefined],
    ['🐎🔋📎🧷🪜🧦🪣🧲🪛🧯🪚🧪', undefined],
    ['aaaaaaaaaaaa', different],
    ['abcdabcdabcd', different],
    ['aAaAbBbBcCcCdD', different],
    ['🐎🔋🐎🔋🐎🔋📎🧷', different],
    ['switchyard12', anybody],
    ['SwitchYard-1', anybody],
    ['passwordpassword', anybody],
    ['password12345', anybody],
    ['Lovelace-Lovelace', anybody],
    ['mylovelace', anybody],
    ['lovelace1234567', anybody],
    ['839201746583', anybody],
    ['qwertyuiop12', anybody],
    ['abcdefghijkl', anybody],
    ['iloveyou12345', anybody],
    ['adminadmin12', anybody],
    ['letmein123456', anybody],
    ['homehome1234', anybody],
    ['seven1 admins2 at3 home', undefined],
    ['lovelace and more than that', undefined],
    ['switchyard stands beside the house', undefined],
    ['correct horse \ud83d', 'the password has halves of characters'],
  ])('%j: %s', (password, fault) => expect(passwordFault(password, 'lovelace')).toBe(fault));

  test('a name of a few letters is in many a good password', () => {
    expect(passwordFault('ada knows ada', 'ada')).toBeUndefined();
    expect(passwordFault('eve1eve2eve3eve4eve', 'eve')).toBeUndefined();
  });
});
