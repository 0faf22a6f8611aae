import { join } from 'node:path';
import { KEYS_FILE } from '../auth/keys.ts';
import { StartError } from '../config/start-error.ts';
import { databasesIn, faultsOf } from './database-file.ts';
import { keysFault } from './keys-fault.ts';
import { noStoreIn } from './open-store.ts';

/**
 * Looks whether the databases and the keys of a data folder are whole. A hub may run meanwhile.
 * @param print hears of each file, a line each
 * @throws StartError where one is not, or there is no store
 */
export function check(dataFolder: string, print: (line: string) => void): void {
  const names = databasesIn(dataFolder);
  if (names.length === 0) {
    throw noStoreIn(dataFolder);
  }
  const damaged = names.filter((name) => {
    const faults = faultsOf(join(dataFolder, name));
    print(faults.length === 0 ? `${name}: whole` : `${name}: damaged`);
    for (const fault of faults) print(`  ${fault}`);
    return faults.length > 0;
  });
  const keys = keysFault(dataFolder);
  print(`${KEYS_FILE}: ${keys ?? 'whole'}`);
  const told = [...damaged.map((name) => ['damaged', name]), ...(keys ? [[keys, KEYS_FILE]] : [])];
  if (told.length === 0) return;
  throw new StartError(
    told.map(([fault, name = '']) => `${fault}: ${join(dataFolder, name)}`).join(', '),
    'stop the hub and restore a backup with "npm run hub -- restore <backup>"',
  );
}
