import { describe, expect, test } from 'vitest';
import type { DevicePrincipal, Person, Service } from '#broker/auth/principal.ts';
import { standing, type Known } from '#broker/auth/standing.ts';
import { nodeRed, session } from '../store/records.ts';
import { ada, NOW } from './access-bench.ts';

const device: DevicePrincipal = { kind: 'device', tenant: 'home', id: 'lamp', generation: 2 };
const person: Person = {
  ...{ kind: 'person', tenant: 'home', id: 'ada', role: 'operator' },
  ...{ sid: session.sid, expiresAt: NOW },
};
const service: Service = {
  ...{ kind: 'service', tenant: 'home', id: nodeRed.id, role: null },
  ...{ publish: [], subscribe: [], generation: 2, createdAt: NOW },
};

const nobody: Known = { devices: new Map(), services: new Map(), people: new Map(), sessions: new Map() };
const everybody: Known = {
  devices: new Map([['lamp', { generation: 2, disabled: 0 }]]),
  services: new Map([[nodeRed.id, { ...nodeRed, generation: 2 }]]),
  people: new Map([['ada', ada]]),
  sessions: new Map([[session.sid, session]]),
};

describe('whoever is as they were let in may stay', () => {
  test.each([device, person, service])('$kind', (who) => expect(standing(who, everybody)).toBeUndefined());
});

describe('may not stay', () => {
  const at = (generation: number, disabled: 0 | 1 = 0) => ({
    devices: new Map([['lamp', { generation, disabled }]]),
    services: new Map([[nodeRed.id, { ...nodeRed, generation, disabled }]]),
  });
  const as = (role: 'viewer' | 'admin') => ({ people: new Map([['ada', { ...ada, role }]]) });

  test.each([
    ['a device that is gone', device, nobody, 'this device was removed'],
    ['a device that is barred', device, at(2, 1), 'this device was disabled'],
    ['a device that is barred and more', device, at(3, 1), 'this device was disabled'],
    ['a device with a later credential', device, at(3), 'its credential was replaced or revoked'],
    ['a device that was made anew', device, at(1), 'its credential was replaced or revoked'],
    ['a service that is gone', service, nobody, 'this service was removed'],
    ['a service that is barred', service, at(2, 1), 'this service was disabled'],
    ['a service that was changed', service, at(3), 'its token or its grants were changed'],
    ['a service of an earlier generation', service, at(1), 'its token or its grants were changed'],
    ['a service that was made anew', { ...service, createdAt: NOW - 1 }, {}, 'this service was removed'],
    ['a person who is gone', person, nobody, 'this person was removed'],
    ['a person who is gone, with a session', person, { people: new Map() }, 'this person was removed'],
    ['a session that has ended', person, { sessions: new Map() }, 'the session has ended'],
    ['somebody who may do less now', person, as('viewer'), 'the role is viewer now'],
    ['somebody who may do more now', person, as('admin'), 'the role is admin now'],
  ])('%s', (_who, who, known, reason) => {
    expect(standing(who, { ...everybody, ...known })).toBe(reason);
  });

  test('somebody by what is known of another kind of the same id', () => {
    const named = { ...everybody, devices: new Map([['ada', { generation: 2, disabled: 0 as const }]]) };
    expect(standing({ ...service, id: 'ada' }, named)).toBe('this service was removed');
    expect(standing({ ...person, id: 'lamp' }, named)).toBe('this person was removed');
    expect(standing({ ...device, id: nodeRed.id }, named)).toBe('this device was removed');
  });
});
