import { CommanderError } from 'commander';
import { commandLine } from './commands/line/command-line.ts';
import { StartError } from './config/start-error.ts';
import { RequestFault } from './contract/request-fault.ts';
import { StoreError } from './store/store-error.ts';

/** Tells why a command did not do what it was to do. @returns the exit code: 1 where it could not, 2 for a bad line */
function failed(error: unknown): number {
  // It has told already what is wrong, or what was asked for with --help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof RequestFault) process.stderr.write(`switchyard: ${error.message}\n`);
  else if (error instanceof StartError || error instanceof StoreError) {
    process.stderr.write(`switchyard: ${error.message}: ${error.remedy}\n`);
  } else throw error;
  return 1;
}

try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = failed(error);
}
