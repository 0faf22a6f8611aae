import { describe, expect, test } from 'vitest';
import type { Principal, Service } from '#broker/auth/principal.ts';
import { mayReceive, maySubscribe, partyOf, publication, TOPICS } from '#broker/permission/topics.ts';

const person = (role: 'viewer' | 'operator' | 'admin'): Principal => ({
  ...{ kind: 'person', tenant: 'home', id: 'ada', role, sid: 's', expiresAt: 0 },
});
const service = (publish: readonly string[], subscribe: readonly string[]): Service => ({
  ...{ kind: 'service', tenant: 'home', id: 'node-red', role: 'admin', generation: 1, createdAt: 1 },
  publish,
  subscribe,
});

const principals = {
  device: { kind: 'device', tenant: 'home', id: 'lamp', generation: 1 },
  viewer: person('viewer'),
  operator: person('operator'),
  admin: person('admin'),
  /** One that was granted everything there is. */
  service: service(['#'], ['#']),
} as const satisfies Record<string, Principal>;

type Who = keyof typeof principals;
const EVERYBODY = Object.keys(principals) as Who[];

const whoMay = (may: (principal: Principal) => boolean): Who[] =>
  EVERYBODY.filter((who) => may(principals[who]));

const NOBODY: Who[] = [];
const PEOPLE: Who[] = ['viewer', 'operator', 'admin'];
const READERS: Who[] = [...PEOPLE, 'service'];
const COMMANDERS: Who[] = ['operator', 'admin', 'service'];

test('everybody stands in the table as what they are', () => {
  for (const who of EVERYBODY) expect(partyOf(principals[who])).toBe(who);
  expect(Object.keys(TOPICS).toSorted()).toEqual([...EVERYBODY].toSorted());
});

describe('publish', () => {
  test.each<[string, Who[]]>([
    ['iot/1/home/lamp/up/status', ['device']],
    ['iot/1/home/lamp/up/desc', ['device']],
    ['iot/1/home/lamp/up/state', ['device']],
    ['iot/1/home/lamp/up/tele', ['device']],
    ['iot/1/home/lamp/up/event', ['device']],
    ['iot/1/home/lamp/up/ack', ['device']],
    ['iot/1/home/lamp/up/blk', ['device']],
    ['iot/1/home/lamp/up/other', NOBODY],
    ['iot/1/home/lamp/up', NOBODY],
    ['iot/1/home/lamp/up/', NOBODY],
    ['iot/1/home/lamp/up/tele/x', NOBODY],
    ['iot/1/home/lamp/up/tele/', NOBODY],
    ['iot/1/home/lamp2/up/tele', NOBODY],
    ['iot/1/home/Lamp/up/tele', NOBODY],
    ['iot/1/home/lamp/dn/cmd', NOBODY],
    ['iot/1/home/lamp/dn/ctl', NOBODY],
    ['iot/1/home/lamp/dn/desired', NOBODY],
    ['iot/1/home/lamp/rq/cmd', COMMANDERS],
    ['iot/1/home/lamp/rq/desired', COMMANDERS],
    ['iot/1/home/lamp/rq/cancel', COMMANDERS],
    ['iot/1/home/other/rq/cmd', COMMANDERS],
    ['iot/1/home/lamp/rq/other', NOBODY],
    ['iot/1/home/lamp/rq/token', NOBODY],
    ['iot/1/home/@fleet/rq/cmd', NOBODY],
    ['iot/1/home/@hub/rq/cmd', NOBODY],
    ['iot/1/home/+/rq/cmd', NOBODY],
    ['iot/1/home/lamp/rq/#', NOBODY],
    ['iot/1/home/@hub/rq/token', ['device', ...PEOPLE]],
    ['iot/1/away/@hub/rq/token', NOBODY],
    ['iot/1/home/@hub/rq/token/x', NOBODY],
    ['iot/1/home/@hub/ev/fleet', NOBODY],
    ['iot/1/home/@hub/ev/cmd', NOBODY],
    ['iot/1/away/lamp/up/tele', NOBODY],
    ['iot/1/away/lamp/rq/cmd', NOBODY],
    ['iot/2/home/lamp/up/tele', NOBODY],
    ['iot/2/home/lamp/rq/cmd', NOBODY],
    ['iot', NOBODY],
    ['iot/', NOBODY],
    ['iot/free', NOBODY],
    ['$SYS/broker/clients', NOBODY],
    ['$share/g/flows', NOBODY],
    ['$', NOBODY],
    ['anything', ['service']],
    ['flows/a/b', ['service']],
    ['iota', ['service']],
    ['IOT/1/home/lamp/rq/cmd', ['service']],
    ['/iot/1/home/lamp/rq/cmd', ['service']],
    ['/', ['service']],
    ['flows/$SYS', ['service']],
    ['flows/+', NOBODY],
    ['flows/#', NOBODY],
    ['fl+ows', NOBODY],
    ['flows\0', NOBODY],
    ['', NOBODY],
  ])('%j: %j', (topic, who) => {
    expect(whoMay((principal) => publication(principal, topic) !== undefined)).toEqual(who);
  });

  test.each<[Who, string, object]>([
    [
      'device',
      'iot/1/home/lamp/up/tele',
      { kind: 'report', topic: { tenant: 'home', device: 'lamp', direction: 'up', channel: 'tele' } },
    ],
    [
      'operator',
      'iot/1/home/plug/rq/cmd',
      { kind: 'request', topic: { tenant: 'home', device: 'plug', direction: 'rq', channel: 'cmd' } },
    ],
    [
      'service',
      'iot/1/home/plug/rq/cancel',
      { kind: 'request', topic: { tenant: 'home', device: 'plug', direction: 'rq', channel: 'cancel' } },
    ],
    ['device', 'iot/1/home/@hub/rq/token', { kind: 'renewal' }],
    ['viewer', 'iot/1/home/@hub/rq/token', { kind: 'renewal' }],
    ['service', 'flows/1', { kind: 'free' }],
    ['service', 'flows/iot/1/home/lamp/up/tele', { kind: 'free' }],
  ])('tells what it is: of a %s to %s', (who, topic, told) => {
    expect(publication(principals[who], topic)).toEqual(told);
  });
});

describe('subscribe', () => {
  // A service that was granted everything may subscribe to anything; what it does not receive stands below.
  test.each<[string, Who[]]>([
    ['iot/1/home/lamp/dn/#', ['device']],
    ['iot/1/home/lamp/dn/+', ['device']],
    ['iot/1/home/lamp/dn/cmd', ['device']],
    ['iot/1/home/lamp/dn', NOBODY],
    ['iot/1/home/lamp/#', NOBODY],
    ['iot/1/home/lamp/+/cmd', NOBODY],
    ['iot/1/home/lamp2/dn/#', NOBODY],
    ['iot/1/home/+/dn/#', NOBODY],
    ['iot/1/home/+/dn/cmd', NOBODY],
    ['iot/1/home/#/dn/cmd', NOBODY],
    ['iot/1/home/@hub/ev/fleet', PEOPLE],
    ['iot/1/home/@hub/ev/cmd', PEOPLE],
    ['iot/1/home/@hub/ev/batch', PEOPLE],
    ['iot/1/home/@hub/ev/+', NOBODY],
    ['iot/1/home/@hub/#', NOBODY],
    ['iot/1/home/@hub/rq/token', NOBODY],
    ['iot/1/home/lamp/up/#', PEOPLE],
    ['iot/1/home/lamp/up/+', PEOPLE],
    ['iot/1/home/+/up/state', PEOPLE],
    ['iot/1/home/+/up/#', PEOPLE],
    ['iot/1/home/#', NOBODY],
    ['iot/1/home/#/up/tele', NOBODY],
    ['iot/1/home/+/up', NOBODY],
    ['iot/1/home/+/up/tele/#', NOBODY],
    ['iot/1/home/+/up/other', NOBODY],
    ['iot/1/home/+/+/tele', NOBODY],
    ['iot/1/home/@hub/up/tele', NOBODY],
    ['iot/1/home/lamp/rq/#', NOBODY],
    ['iot/1/+/+/up/tele', NOBODY],
    ['iot/1/#/+/up/tele', NOBODY],
    ['iot/1/away/+/up/tele', NOBODY],
    ['iot/1/away/@hub/ev/fleet', NOBODY],
    ['iot/+/home/+/up/tele', NOBODY],
    ['+/1/home/+/up/tele', NOBODY],
    ['flows/#', NOBODY],
    ['#', NOBODY],
    ['+/#', NOBODY],
  ])('%s: %j, beside a service that was granted it', (filter, who) => {
    expect(whoMay((principal) => maySubscribe(principal, filter))).toEqual([...who, 'service']);
  });

  test.each([
    '$SYS/#',
    '$SYS/broker/clients',
    '$share/g/iot/1/home/lamp/dn/#',
    '$share/g/flows',
    '$discarded',
    '$SYS/discarded',
  ])('%s: nobody', (filter) => {
    expect(whoMay((principal) => maySubscribe(principal, filter))).toEqual(NOBODY);
  });
});

describe('receive', () => {
  test.each<[string, Who[]]>([
    ['iot/1/home/lamp/dn/cmd', ['device']],
    ['iot/1/home/lamp/dn/ctl', ['device']],
    ['iot/1/home/lamp/dn/desired', ['device']],
    ['iot/1/home/lamp/dn/other', NOBODY],
    ['iot/1/home/lamp2/dn/cmd', NOBODY],
    ['iot/1/home/lamp/up/tele', READERS],
    ['iot/1/home/other/up/state', READERS],
    ['iot/1/home/other/up/other', NOBODY],
    ['iot/1/home/+/up/tele', NOBODY],
    ['iot/1/home/lamp/dn/+', NOBODY],
    ['iot/1/home/@hub/ev/fleet', READERS],
    ['iot/1/home/@hub/ev/cmd', READERS],
    ['iot/1/home/@hub/ev/batch', READERS],
    ['iot/1/home/@hub/ev/other', NOBODY],
    ['iot/1/home/@hub/rq/token', NOBODY],
    ['iot/1/home/lamp/rq/cmd', NOBODY],
    ['iot/1/away/lamp/up/tele', NOBODY],
    ['iot/1/away/@hub/ev/fleet', NOBODY],
    ['iot/2/home/lamp/up/tele', NOBODY],
    ['$SYS/broker/clients', NOBODY],
    ['$SYS/discarded', NOBODY],
    ['anything', ['service']],
    ['flows/a', ['service']],
    ['/', ['service']],
  ])('%s: %j', (topic, who) => {
    expect(whoMay((principal) => mayReceive(principal, topic))).toEqual(who);
  });

  test('a device of another tenant or id gets nothing of this one’s', () => {
    const { device } = principals;
    expect(mayReceive({ ...device, tenant: 'away' }, 'iot/1/home/lamp/dn/cmd')).toBe(false);
    expect(mayReceive({ ...device, id: 'plug' }, 'iot/1/home/lamp/dn/cmd')).toBe(false);
    expect(publication({ ...device, tenant: 'away' }, 'iot/1/home/lamp/up/tele')).toBeUndefined();
  });

  test('somebody whose id is that of a device gets nothing that is for the device', () => {
    for (const who of [
      { ...person('admin'), id: 'lamp' },
      { ...service(['#'], ['#']), id: 'lamp' },
    ]) {
      expect(mayReceive(who, 'iot/1/home/lamp/dn/cmd')).toBe(false);
      expect(publication(who, 'iot/1/home/lamp/up/tele')).toBeUndefined();
    }
  });
});

describe('a service may do what the table and its own topic filters both allow', () => {
  test.each<[string, readonly string[], string, boolean]>([
    ['what is granted by name', ['iot/1/home/lamp/rq/cmd'], 'iot/1/home/lamp/rq/cmd', true],
    ['what is granted by a filter', ['iot/1/home/+/rq/cmd'], 'iot/1/home/lamp/rq/cmd', true],
    ['what is granted below a level', ['iot/#'], 'iot/1/home/lamp/rq/cmd', true],
    ['another channel', ['iot/1/home/+/rq/cmd'], 'iot/1/home/lamp/rq/desired', false],
    ['another device', ['iot/1/home/lamp/rq/#'], 'iot/1/home/plug/rq/cmd', false],
    [
      'where the hub itself speaks, though it is granted',
      ['iot/1/home/lamp/dn/cmd'],
      'iot/1/home/lamp/dn/cmd',
      false,
    ],
    [
      'where devices speak, though it is granted',
      ['iot/1/home/lamp/up/tele'],
      'iot/1/home/lamp/up/tele',
      false,
    ],
    ['a renewal, though it is granted', ['iot/1/home/@hub/rq/token'], 'iot/1/home/@hub/rq/token', false],
    ['another tenant’s, though it is granted', ['iot/1/away/+/rq/cmd'], 'iot/1/away/lamp/rq/cmd', false],
    ['the server’s, though it is granted', ['$SYS/#'], '$SYS/broker', false],
    ['what is free and granted', ['flows/+'], 'flows/a', true],
    ['what is free and not granted', ['flows/+'], 'other/a', false],
    ['nothing, where nothing is granted', [], 'flows/a', false],
  ])('publish %s', (_what, grants, topic, may) => {
    expect(publication(service(grants, ['#']), topic) !== undefined).toBe(may);
    expect(publication(service([], ['#']), topic)).toBeUndefined();
  });

  test.each<[string, readonly string[], string, boolean]>([
    ['what is granted', ['iot/1/home/+/up/#'], 'iot/1/home/+/up/#', true],
    ['less than what is granted', ['iot/1/home/+/up/#'], 'iot/1/home/lamp/up/tele', true],
    ['more than what is granted', ['iot/1/home/+/up/tele'], 'iot/1/home/+/up/#', false],
    ['everything', ['flows/#'], '#', false],
    ['everything, where it is granted level by level', ['+/#'], '#', true],
    ['the server’s', ['#'], '$SYS/#', false],
    ['half of one grant and half of another', ['a/b', 'a/c'], 'a/+', false],
    ['what the second grant covers', ['a/b', 'a/+'], 'a/+', true],
    ['nothing, where nothing is granted', [], 'flows/a', false],
  ])('subscribe to %s', (_what, grants, filter, may) => {
    expect(maySubscribe(service(['#'], grants), filter)).toBe(may);
    expect(maySubscribe(service(['#'], []), filter)).toBe(false);
  });

  test.each<[string, readonly string[], string, boolean]>([
    ['what is granted', ['iot/1/home/+/up/#'], 'iot/1/home/lamp/up/tele', true],
    ['what is not granted', ['iot/1/home/+/up/tele'], 'iot/1/home/lamp/up/state', false],
    ['what is for a device, though it is granted', ['iot/1/home/lamp/dn/#'], 'iot/1/home/lamp/dn/cmd', false],
    ['what is asked of a device, though it is granted', ['iot/#'], 'iot/1/home/lamp/rq/cmd', false],
    ['a token of somebody else, though it is granted', ['#'], 'iot/1/home/@hub/rq/token', false],
    ['another tenant’s, though it is granted', ['iot/1/#'], 'iot/1/away/lamp/up/tele', false],
    ['the server’s, though it is granted', ['$SYS/#'], '$SYS/broker', false],
    ['what is free and granted', ['flows/#'], 'flows', true],
    ['what is free and not granted', ['flows/#'], 'other', false],
    ['nothing, where nothing is granted', [], 'flows/a', false],
  ])('receive %s', (_what, grants, topic, may) => {
    expect(mayReceive(service(['#'], grants), topic)).toBe(may);
    expect(mayReceive(service(['#'], []), topic)).toBe(false);
  });

  test('whatever its role over HTTP is', () => {
    for (const role of ['viewer', null] as const) {
      const who = { ...service(['#'], ['#']), role };
      expect(publication(who, 'iot/1/home/lamp/rq/cmd')).toBeDefined();
      expect(mayReceive(who, 'iot/1/home/lamp/dn/cmd')).toBe(false);
    }
  });
});
