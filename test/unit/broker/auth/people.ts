import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { HubKeys } from '#broker/auth/keys.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { PersonRecord } from '#broker/store/people.ts';
import type { Store } from '#broker/store/store.ts';

export const NOW = 1_800_000_000_000;

export const ada: PersonRecord = { id: 'ada', name: 'Ada', role: 'operator', createdAt: NOW };

export function newKeys(): HubKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { tokenPrivate: privateKey, tokenPublic: publicKey, secretsKey: randomBytes(32) };
}

/** A store in memory that knows Ada. */
export async function storeWithAda(): Promise<Store> {
  const store = new SqliteStore(':memory:');
  await store.createPerson(ada);
  return store;
}
