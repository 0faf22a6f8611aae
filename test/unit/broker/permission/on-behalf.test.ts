import { expect, test } from 'vitest';
import { onBehalfRefusal, type Somebody } from '#broker/permission/on-behalf.ts';

const NOW = 1_800_000_000_000;
const of = (somebody: Somebody | undefined) => onBehalfRefusal('@ada', somebody, NOW);

test.each<[string, Somebody]>([
  ['an operator', { role: 'operator' }],
  ['an administrator', { role: 'admin' }],
  ['a service', { role: 'operator', disabled: 0, expiresAt: null }],
  ['a service whose time is not up', { role: 'operator', disabled: 0, expiresAt: NOW + 1 }],
])('the hub commands in the name of %s', (_what, somebody) => expect(of(somebody)).toBeUndefined());

test.each<[string, Somebody | undefined, string]>([
  ['somebody who was removed', undefined, 'was removed'],
  ['a viewer', { role: 'viewer' }, 'has no longer the role operator'],
  [
    'a service without a role',
    { role: null, disabled: 0, expiresAt: null },
    'has no longer the role operator',
  ],
  ['a service that is disabled', { role: 'admin', disabled: 1, expiresAt: null }, 'is disabled'],
  ['a service whose time is up', { role: 'admin', disabled: 0, expiresAt: NOW }, 'has no access any longer'],
])('and not in that of %s', (_what, somebody, reason) => {
  expect(of(somebody)).toContain(`@ada, in whose name it runs, ${reason}`);
});
