import { beforeEach, expect, test } from 'vitest';
import { madeClaim, toldClaims } from '#broker/contract/claim.ts';
import { Lines } from './lines.ts';

let lines: Lines;
beforeEach(async () => void (lines = await Lines.withLamp()));

const create = ['claim', 'create', '--name', 'Shelf 4', '--expires'];
const claims = async () => toldClaims.parse({ claims: await lines.json('claim', 'list') }).claims;

test('a token is all there is on stdout, and a claim is for one device unless more are said', async () => {
  const { out, err } = await lines.tried(...create, '2099-01-01');
  const [, id = ''] = /^swc\.(\w+)\.\S{43}\n$/.exec(out) ?? [];
  expect(err).toBe(`the claim ${id}, for 1 device, until 2099-01-01T00:00:00Z\n`);
  expect(await lines.done('claim', 'list')).toBe(`${id}\tShelf 4\t1\t1\t2099-01-01T00:00:00Z\t\t\t\t@hub\n`);
  await lines.done('claim', 'remove', id);
  expect(await claims()).toEqual([]);
});

test('a claim has the uses, the end and the labels that are said', async () => {
  const until = Date.now() + 12 * 3_600_000;
  const more = ['--uses', '3', '--model', 'Lamp', '--place', 'Hall', '--tags', 'light, evening'];
  const { claim } = madeClaim.parse(await lines.json(...create, '12h', ...more));
  expect(claim).toMatchObject({
    name: 'Shelf 4',
    uses: 3,
    left: 3,
    model: 'Lamp',
    place: 'Hall',
    tags: ['light', 'evening'],
    createdBy: '@hub',
  });
  expect(claim.expiresAt).toBeGreaterThanOrEqual(until);
  expect(claim.expiresAt).toBeLessThan(until + 60_000);
  expect(await claims()).toEqual([claim]);
});
