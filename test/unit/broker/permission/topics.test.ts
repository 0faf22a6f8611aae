import { describe, expect, test } from 'vitest';
import type { Principal } from '#broker/auth/principal.ts';
import { mayPublish, mayReceive, maySubscribe } from '#broker/mqtt/permissions.ts';

const person = (role: 'viewer' | 'operator' | 'admin'): Principal => ({
  kind: 'person',
  tenant: 'home',
  id: 'ada',
  role,
  sid: 's',
  expiresAt: 0,
});

const principals = {
  device: { kind: 'device', tenant: 'home', id: 'lamp' },
  viewer: person('viewer'),
  operator: person('operator'),
  admin: person('admin'),
} as const satisfies Record<string, Principal>;

type Who = keyof typeof principals;
const EVERYBODY = Object.keys(principals) as Who[];

const whoMay = (may: (principal: Principal) => boolean): Who[] =>
  EVERYBODY.filter((who) => may(principals[who]));

const NOBODY: Who[] = [];
const PEOPLE: Who[] = ['viewer', 'operator', 'admin'];
const OPERATORS: Who[] = ['operator', 'admin'];

describe('publish', () => {
  test.each<[string, Who[]]>([
    ['iot/1/home/lamp/up/status', ['device']],
    ['iot/1/home/lamp/up/desc', ['device']],
    ['iot/1/home/lamp/up/state', ['device']],
    ['iot/1/home/lamp/up/tele', ['device']],
    ['iot/1/home/lamp/up/ack', ['device']],
    ['iot/1/home/lamp/up/other', NOBODY],
    ['iot/1/home/lamp/up', NOBODY],
    ['iot/1/home/lamp/up/tele/x', NOBODY],
    ['iot/1/home/lamp2/up/tele', NOBODY],
    ['iot/1/home/lamp/dn/cmd', NOBODY],
    ['iot/1/home/lamp/dn/desired', NOBODY],
    ['iot/1/home/lamp/rq/cmd', OPERATORS],
    ['iot/1/home/lamp/rq/desired', OPERATORS],
    ['iot/1/home/other/rq/cmd', OPERATORS],
    ['iot/1/home/lamp/rq/other', NOBODY],
    ['iot/1/home/+/rq/cmd', NOBODY],
    ['iot/1/home/@hub/ev/fleet', NOBODY],
    ['iot/1/home/@hub/ev/cmd', NOBODY],
    ['iot/1/away/lamp/up/tele', NOBODY],
    ['iot/1/away/lamp/rq/cmd', NOBODY],
    ['iot/2/home/lamp/up/tele', NOBODY],
    ['$SYS/broker/clients', NOBODY],
    ['anything', NOBODY],
    ['', NOBODY],
  ])('%s: %j', (topic, who) => {
    expect(whoMay((principal) => mayPublish(principal, topic) !== undefined)).toEqual(who);
  });

  test('tells what the topic says', () => {
    expect(mayPublish(principals.operator, 'iot/1/home/lamp/rq/cmd')).toEqual({
      tenant: 'home',
      device: 'lamp',
      direction: 'rq',
      channel: 'cmd',
    });
  });
});

describe('subscribe', () => {
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
    ['iot/1/home/@hub/ev/fleet', PEOPLE],
    ['iot/1/home/@hub/ev/cmd', PEOPLE],
    ['iot/1/home/@hub/ev/+', NOBODY],
    ['iot/1/home/@hub/#', NOBODY],
    ['iot/1/home/lamp/up/#', PEOPLE],
    ['iot/1/home/lamp/up/+', PEOPLE],
    ['iot/1/home/+/up/state', PEOPLE],
    ['iot/1/home/+/up/#', PEOPLE],
    ['iot/1/home/+/up', NOBODY],
    ['iot/1/home/+/up/tele/#', NOBODY],
    ['iot/1/home/+/up/other', NOBODY],
    ['iot/1/home/+/+/tele', NOBODY],
    ['iot/1/home/@hub/up/tele', NOBODY],
    ['iot/1/home/lamp/rq/#', NOBODY],
    ['iot/1/home/#', NOBODY],
    ['iot/1/+/+/up/tele', NOBODY],
    ['iot/1/away/+/up/tele', NOBODY],
    ['iot/1/away/@hub/ev/fleet', NOBODY],
    ['iot/+/home/+/up/tele', NOBODY],
    ['+/1/home/+/up/tele', NOBODY],
    ['$share/g/iot/1/home/lamp/dn/#', NOBODY],
    ['$SYS/#', NOBODY],
    ['#', NOBODY],
    ['+/#', NOBODY],
    ['', NOBODY],
  ])('%s: %j', (filter, who) => {
    expect(whoMay((principal) => maySubscribe(principal, filter))).toEqual(who);
  });
});

describe('receive', () => {
  test.each<[string, Who[]]>([
    ['iot/1/home/lamp/dn/cmd', ['device']],
    ['iot/1/home/lamp/dn/ctl', ['device']],
    ['iot/1/home/lamp2/dn/cmd', NOBODY],
    ['iot/1/home/lamp/up/tele', PEOPLE],
    ['iot/1/home/other/up/state', PEOPLE],
    ['iot/1/home/@hub/ev/fleet', PEOPLE],
    ['iot/1/home/@hub/ev/cmd', PEOPLE],
    ['iot/1/home/lamp/rq/cmd', NOBODY],
    ['iot/1/away/lamp/up/tele', NOBODY],
    ['iot/1/away/@hub/ev/fleet', NOBODY],
    ['$SYS/broker/clients', NOBODY],
    ['anything', NOBODY],
  ])('%s: %j', (topic, who) => {
    expect(whoMay((principal) => mayReceive(principal, topic))).toEqual(who);
  });
});
