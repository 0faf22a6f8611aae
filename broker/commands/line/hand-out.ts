import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { StartError } from '../../config/start-error.ts';
import type { CredentialsFile } from '../devices.ts';

/**
 * Makes credentials once it is certain that they can be handed out, to a new file or to stdout: they cannot be shown
 * again.
 * @throws StartError where the file is there, or cannot be written; then none are made
 */
export async function handOut(file: string | undefined, make: () => Promise<CredentialsFile>): Promise<void> {
  const output = file === undefined ? undefined : reserve(file);
  try {
    const credentials = await make();
    writeFileSync(output ?? process.stdout.fd, `${JSON.stringify(credentials, null, 2)}\n`);
  } catch (error) {
    if (file !== undefined) unlinkSync(file);
    throw error;
  } finally {
    if (output !== undefined) closeSync(output);
  }
}

function reserve(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new StartError(`${file} is there already`, 'name a new file with --out');
    throw new StartError(`cannot write ${file} (${code})`, 'name another file with --out');
  }
}
