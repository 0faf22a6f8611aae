import { openSync, writeSync } from 'node:fs';
import { deedLine, type Deed } from './deed.ts';
import { fileProblem, UserError } from './user-error.ts';

/**
 * Opens a file to which a line is added for each thing that a device really does, before the device says so: a
 * simulator that is killed has written down all that it did. The lines are those of `deedLine`.
 * @throws UserError where the file cannot be written
 */
export function openRecord(path: string): (device: string, deed: Deed) => void {
  let file: number;
  try {
    file = openSync(path, 'a');
  } catch (error) {
    throw new UserError(`Record ${path}: ${fileProblem(error)}; name another file with --record`);
  }
  return (device, deed) => {
    try {
      writeSync(file, `${deedLine(device, deed, Date.now())}\n`);
    } catch (error) {
      throw new UserError(`Record ${path}: ${fileProblem(error)}; what devices do is no longer complete`, 1);
    }
  };
}
