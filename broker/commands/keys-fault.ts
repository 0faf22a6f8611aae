import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEYS_FILE, parseKeys } from '../auth/keys.ts';

/** What is wrong with the keys in a data folder, or undefined. Nothing is made and nothing is written. */
export function keysFault(folder: string): 'missing' | 'damaged' | undefined {
  const file = join(folder, KEYS_FILE);
  if (!existsSync(file)) return 'missing';
  try {
    parseKeys(readFileSync(file, 'utf8'));
    return undefined;
  } catch {
    return 'damaged';
  }
}
