import { generateKeyPairSync, scryptSync, type KeyObject } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import type { DeviceAccess } from '#broker/auth/devices.ts';
import { HubKeys } from '#broker/auth/keys.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { RequestFault } from '#broker/contract/request-fault.ts';
import type { PersonRecord } from '#broker/store/people.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export const NOW = 1_800_000_000_000;
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export const PASSWORD = 'correct horse';

/** A hash of a password that costs little, as scrypt of Node makes it. */
export function cheapHash(password: string): string {
  const salt = Buffer.from('salt of a test');
  const hash = scryptSync(password, salt, 32, { N: 16, r: 1, p: 1 });
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=4,r=1,p=1$${base64(salt)}$${base64(hash)}`;
}

export const ada: PersonRecord = {
  id: 'ada',
  name: 'Ada',
  role: 'operator',
  password: cheapHash(PASSWORD),
  createdAt: NOW,
};

/** Keys of a hub's own, in a folder of this test's own. */
export const newKeys = (now = NOW): Promise<HubKeys> => HubKeys.load(new DataFolder(temporaryFolder()), now);

/** A store in memory that knows Ada. */
export async function storeWithAda(): Promise<SqliteStore> {
  const store = new SqliteStore(':memory:');
  onTestFinished(() => store.close());
  await store.createPerson(ada);
  return store;
}

/** A store that knows Ada, keys, and the tenant "home". */
export const newAccess = async (): Promise<DeviceAccess & { readonly store: SqliteStore }> => ({
  store: await storeWithAda(),
  keys: await newKeys(),
  tenant: 'home',
});

/** Why something was refused: the kind of the fault, and its sentence. */
export async function faultOf(attempt: () => unknown): Promise<string> {
  let outcome: unknown;
  try {
    outcome = await attempt();
  } catch (error) {
    outcome = error;
  }
  expect(outcome).toBeInstanceOf(RequestFault);
  const { kind, message } = outcome as RequestFault;
  return `${kind}: ${message}`;
}

/** A key of a device's own: what it signs with, and what the hub is given of it. */
export interface DeviceKey {
  readonly alg: 'ES256' | 'EdDSA';
  readonly privateKey: KeyObject;
  readonly pem: string;
}

export function newDeviceKey(alg: DeviceKey['alg'] = 'EdDSA'): DeviceKey {
  const { privateKey, publicKey } =
    alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { alg, privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }) as string };
}
