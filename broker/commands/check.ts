import { join } from 'node:path';
import { StartError } from '../config/start-error.ts';
import { databasesIn, faultsOf } from './database-file.ts';

/**
 * Looks whether the databases of a data folder are whole. A hub may run meanwhile.
 * @param print hears of each file, a line each
 * @throws StartError where one is not, or there is none
 */
export function check(dataFolder: string, print: (line: string) => void): void {
  const names = databasesIn(dataFolder);
  if (names.length === 0) {
    throw new StartError(`there is no store in ${dataFolder}`, 'name a data folder with --data');
  }
  const damaged = names.filter((name) => {
    const faults = faultsOf(join(dataFolder, name));
    print(faults.length === 0 ? `${name}: whole` : `${name}: damaged`);
    for (const fault of faults) print(`  ${fault}`);
    return faults.length > 0;
  });
  if (damaged.length === 0) return;
  throw new StartError(
    `damaged: ${damaged.map((name) => join(dataFolder, name)).join(', ')}`,
    'stop the hub and restore a backup with "npm run hub -- restore <backup>"',
  );
}
