import { beforeEach, expect, test } from 'vitest';
import { madeService, toldServices } from '#broker/contract/service.ts';
import { Lines } from './lines.ts';

let lines: Lines;
beforeEach(async () => void (lines = await Lines.withLamp()));

const services = async () => toldServices.parse({ services: await lines.json('service', 'list') }).services;

test('a token is all there is on stdout, and with it comes what it is good for', async () => {
  const { out, err } = await lines.tried('service', 'create', 'node-red', '--role', 'viewer');
  expect(out).toMatch(/^swy\.node-red\.\S{43}\n$/);
  expect(err).toBe('the password of the MQTT user name @node-red, and the bearer token of HTTP requests\n');
  const rotated = await lines.done('service', 'rotate', 'node-red');
  expect(rotated).toMatch(/^swy\.node-red\.\S{43}\n$/);
  expect(rotated).not.toBe(out);
});

test('a service may do what is said, and nothing that is not', async () => {
  const { service, token } = madeService.parse(await lines.json('service', 'create', 'bare'));
  expect(service).toMatchObject({ name: 'bare', publish: [], subscribe: [], role: null, expiresAt: null });
  expect(token).toMatch(/^swy\.bare\./);
  const grants = ['--publish', 'a/#', 'iot/1/home/+/rq/cmd', '--subscribe', '#', '--role', 'viewer'];
  await lines.done('service', 'create', 'node-red', ...grants, '--expires', '2099-01-01');
  expect(await lines.done('service', 'list')).toBe(
    'bare\tbare\tenabled\t\t\t\t\n' +
      'node-red\tnode-red\tenabled\t2099-01-01T00:00:00Z\tviewer\ta/#, iot/1/home/+/rq/cmd\t#\n',
  );
});

test('a service is changed only as far as is said', async () => {
  const grants = ['--publish', 'a', '--subscribe', 'b', '--role', 'admin', '--expires', '2099-01-01'];
  await lines.done('service', 'create', 'x', ...grants);
  await lines.done('service', 'change', 'x', '--subscribe', 'c', 'd', '--name', 'Ex');
  const changed = { name: 'Ex', publish: ['a'], subscribe: ['c', 'd'], role: 'admin' };
  expect(await services()).toMatchObject([{ ...changed, expiresAt: Date.UTC(2099, 0, 1) }]);
  await lines.done('service', 'change', 'x', '--no-publish', '--no-subscribe', '--no-role', '--no-expires');
  expect(await services()).toMatchObject([{ publish: [], subscribe: [], role: null, expiresAt: null }]);
});

test('a service is barred, let in again, and removed', async () => {
  await lines.done('service', 'create', 'x');
  await lines.done('service', 'disable', 'x');
  expect(await lines.done('service', 'list')).toContain('\tdisabled\t');
  await lines.done('service', 'enable', 'x');
  expect(await services()).toMatchObject([{ disabled: false }]);
  await lines.done('service', 'remove', 'x');
  expect(await services()).toEqual([]);
});
