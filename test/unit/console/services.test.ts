import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOWN, FEED_CHANNELS, REQUEST, UP } from '#firmware-protocol';
import type { Service } from '#broker/auth/principal.ts';
import { serviceRequest, type ToldService } from '#broker/contract/service.ts';
import { mayReceive, publication } from '#broker/permission/topics.ts';
import { allowsNothing, filterProblem, filtersFrom, type Verb } from '#console/pages/services/filters.ts';
import { grantsOf, PRESETS } from '#console/pages/services/presets.ts';
import { changeOf } from '#console/pages/services/service-change.ts';
import { serviceStanding } from '#console/pages/services/service-standing.ts';

describe('what is written as filters', () => {
  it('is one a line', () => {
    expect(filtersFrom(' a/#\n\n  b/+/c \n')).toEqual(['a/#', 'b/+/c']);
    expect(filtersFrom(' \n ')).toEqual([]);
  });

  it('is told by its place and in the words of the contract where it is none', () => {
    expect(filterProblem(['#', 'iot/1/home/+/up/#', 'x'])).toBeUndefined();
    for (const wrong of ['a/#/b', 'a+', '$SYS/#', 'a\0'])
      expect(filterProblem(['a/b', wrong])).toEqual({
        at: 2,
        message: expect.stringContaining('topic filter'),
      });
  });
});

const WORDS = ['iot', '1', '2', 'home', 'away', 'lamp', 'up', 'dn', 'rq', 'ev', 'cmd', 'state', 'fleet'];

/** Topics of each kind there is: the hub's, those of devices of two tenants, and others. */
const TOPICS = ['home', 'away'].flatMap((tenant) => [
  ...WORDS.flatMap((device) =>
    Object.entries({ up: UP, dn: DOWN, rq: REQUEST, xx: ['cmd'] }).flatMap(([direction, channels]) =>
      channels.map((channel) => `iot/1/${tenant}/${device}/${direction}/${channel}`),
    ),
  ),
  ...FEED_CHANNELS.map((channel) => `iot/1/${tenant}/@hub/ev/${channel}`),
  `iot/1/${tenant}/@hub/rq/cmd`,
  `iot/1/${tenant}/@hub/up/state`,
]);
TOPICS.push('iot', 'iot/2/home/lamp/rq/cmd', 'iot/1/home', 'free', 'free/1/home/lamp/dn/cmd');

const serviceWith = (verb: Verb, filter: string): Service => ({
  kind: 'service',
  tenant: 'home',
  id: 'node-red',
  role: null,
  publish: [],
  subscribe: [],
  generation: 1,
  createdAt: 0,
  [verb]: [filter],
});

const allows = (verb: Verb, filter: string, topic: string): boolean =>
  verb === 'publish'
    ? publication(serviceWith(verb, filter), topic) !== undefined
    : mayReceive(serviceWith(verb, filter), topic);

describe('a filter that allows nothing', () => {
  it.each([
    ['publish', 'iot/1/home/+/dn/#'],
    ['publish', 'iot/1/home/lamp/up/state'],
    ['publish', 'iot/1/home/@hub/ev/#'],
    ['publish', 'iot/1/away/+/rq/#'],
    ['subscribe', 'iot/1/home/+/dn/#'],
    ['subscribe', 'iot/1/home/+/rq/#'],
    ['subscribe', 'iot/1/home/+/up'],
  ] as const)('is known for what it is: to %s %s', (verb, filter) => {
    expect(allowsNothing(verb, filter, 'home')).toBe(true);
  });

  it('is one by which the hub lets nothing through, and every other lets something through', () => {
    const level = fc.constantFrom(...WORDS, '@hub', '+', '#');
    const filter = fc
      .oneof(
        fc.array(level, { minLength: 1, maxLength: 7 }),
        fc.constantFrom(...TOPICS).chain((topic) => {
          const levels = topic.split('/');
          return fc.tuple(...levels.map((each) => fc.oneof(fc.constant(each), fc.constant(each), level)));
        }),
      )
      .map((levels) => levels.join('/'))
      .filter((written) => filterProblem([written]) === undefined && written.startsWith('iot/'));
    fc.assert(
      fc.property(fc.constantFrom('publish', 'subscribe'), filter, (verb, written) => {
        expect(TOPICS.some((topic) => allows(verb, written, topic))).toBe(
          !allowsNothing(verb, written, 'home'),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a new service begins with', () => {
  it.each(PRESETS)('is taken by the hub, and every filter of it allows something: %s', (preset) => {
    const grants = grantsOf(preset, 'home');
    expect(serviceRequest.safeParse({ id: 'a', ...grants }).success).toBe(true);
    for (const verb of ['publish', 'subscribe'] as const)
      expect(grants[verb].filter((filter) => allowsNothing(verb, filter, 'home'))).toEqual([]);
  });

  it('lets a dashboard change nothing, and a script nowhere near MQTT', () => {
    expect(grantsOf('dashboard', 'home')).toMatchObject({ publish: [], role: 'viewer' });
    expect(grantsOf('script', 'home')).toMatchObject({ publish: [], subscribe: [] });
  });
});

it.each([
  [{}, 'good'],
  [{ expiresAt: 1_001 }, 'good'],
  [{ expiresAt: 1_000 }, 'expired'],
  [{ disabled: true, expiresAt: 1_000 }, 'disabled'],
] as const)('a service with %j is %s', (fields, standing) => {
  const service = { expiresAt: null, disabled: false, ...fields } as ToldService;
  expect(serviceStanding(service, 1_000)).toBe(standing);
});

it('of a service that is edited only what is otherwise is sent', () => {
  const fields = { name: 'Node-RED', publish: ['a/#'], subscribe: [], role: null, expiresAt: null };
  const service: ToldService = { id: 'node-red', ...fields, disabled: true, createdAt: 1, changedAt: 1 };
  expect(changeOf(service, { ...fields, publish: ['a/#'] })).toEqual({});
  expect(changeOf(service, { ...fields, name: 'Red' })).toEqual({ name: 'Red' });
  expect(changeOf(service, { ...fields, publish: ['a/#', 'b'], role: 'viewer', expiresAt: 2 })).toEqual({
    publish: ['a/#', 'b'],
    role: 'viewer',
    expiresAt: 2,
  });
});
