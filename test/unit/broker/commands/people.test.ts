import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { digest } from '#broker/auth/sessions.ts';
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

/** Whose link is printed. */
async function letIn(): Promise<string | undefined> {
  const link = await firstSignInLink(store, HUB, NOW);
  return link && (await store.signInCode(digest(new URL(link).hash.slice(1))))?.person;
}

test('a new hub lets its owner in', async () => {
  const link = await firstSignInLink(store, HUB, NOW);
  expect(link).toMatch(/^https:\/\/hub\.example\/sign-in#\S{32}$/);
  expect(await store.person('owner')).toMatchObject({ role: 'admin', password: null });
  expect(await store.audit({ limit: 9 })).toMatchObject([
    { who: '@hub', action: 'person.link', subject: '@owner' },
  ]);
});

test('the owner is let in until they have a password', async () => {
  await add('owner', 'admin');
  await add('ada', 'operator', PASSWORD);
  expect(await letIn()).toBe('owner');
  const link = await firstSignInLink(store, HUB, NOW);
  await store.useSignInCode(digest(new URL(link ?? '').hash.slice(1)), PASSWORD, NOW);
  expect(await letIn()).toBeUndefined();
  expect(await store.audit({ limit: 9 })).toHaveLength(2);
});

test('nobody is let in where another administrator has a password', async () => {
  await add('owner', 'admin');
  await add('ada', 'admin', PASSWORD);
  expect(await letIn()).toBeUndefined();
});

test('another administrator is let in where there is no owner any more', async () => {
  await add('ada', 'viewer');
  await add('ben', 'admin');
  expect(await letIn()).toBe('ben');
});
