import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { firstSignInLink } from '#broker/commands/people.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { Role } from '#broker/contract/session.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOW = 1_800_000_000_000;
const HUB = 'https://hub.example';
const PASSWORD = '$scrypt$ln=15,r=8,p=3$c2FsdA$aGFzaA';

let store: SqliteStore;
beforeEach(() => {
  store = new SqliteStore(join(temporaryFolder(), 'store.db'));
  onTestFinished(() => store.close());
});

const add = (id: string, role: Role, password: string | null = null) =>
  store.createPerson({ id, name: id, role, password, createdAt: NOW });

/** Whom a link is for, as the audit has it. */
async function letIn(): Promise<string | undefined> {
  const link = await firstSignInLink(store, HUB, NOW);
  if (link === undefined) return undefined;
  expect(link).toMatch(/^https:\/\/hub\.example\/sign-in#\S{32}$/);
  const [last] = await store.audit({ limit: 1 });
  expect(last).toMatchObject({ who: '@hub', action: 'person.link' });
  return last?.subject;
}

test('a new hub lets its owner in', async () => {
  expect(await letIn()).toBe('@owner');
  expect(await store.person('owner')).toMatchObject({ role: 'admin', password: null });
});

test('the owner is let in until they have a password', async () => {
  await add('owner', 'admin');
  await add('ada', 'operator', PASSWORD);
  expect(await letIn()).toBe('@owner');
  const hash = new Uint8Array([1]);
  await store.saveSignInCode({ hash, person: 'owner', expiresAt: NOW + 1, createdBy: '@hub' });
  await store.useSignInCode(hash, PASSWORD, NOW);
  expect(await letIn()).toBeUndefined();
  expect(await store.audit({ limit: 9 })).toHaveLength(1);
});

test('nobody is let in where another administrator has a password', async () => {
  await add('owner', 'admin');
  await add('ada', 'admin', PASSWORD);
  expect(await letIn()).toBeUndefined();
});

test('another administrator is let in where there is no owner any more', async () => {
  await add('ada', 'viewer');
  await add('ben', 'admin');
  expect(await letIn()).toBe('@ben');
});
