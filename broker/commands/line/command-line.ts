import { CommanderError, type Command } from 'commander';
import { StartError } from '../../config/start-error.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import { StoreError } from '../../store/store-error.ts';
import { auditCommand } from './audit.ts';
import { authorityCommand } from './authority.ts';
import { claimCommands } from './claim.ts';
import { dataFolderCommands } from './data-folder.ts';
import { deviceCommands } from './device.ts';
import { keysCommands } from './keys.ts';
import { newLine } from './line.ts';
import { endWithReader, tell } from './output.ts';
import { serveCommand } from './serve.ts';
import { serviceCommands } from './service.ts';
import { signInCommands } from './sign-in.ts';
import { userCommands } from './user.ts';

/** Every command of the hub, in the order of its help. */
export function commandLine(): Command {
  const line = newLine();
  // A hub goes on where nobody reads what it prints.
  line.program.hook('preAction', (_program, command) => {
    if (command.name() !== 'serve') endWithReader();
  });
  serveCommand(line);
  signInCommands(line);
  userCommands(line);
  deviceCommands(line);
  claimCommands(line);
  serviceCommands(line);
  keysCommands(line);
  authorityCommand(line);
  auditCommand(line);
  dataFolderCommands(line);
  return line.program;
}

/** The exit code of what is done, of what cannot be done, and of a line that is none. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Does what a line says, without node and script. What it does not do it tells on stderr. @returns the exit code */
export async function runLine(args: readonly string[]): Promise<number> {
  try {
    await commandLine().parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // It has told already what is wrong, or what was asked for with --help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof RequestFault) tell(`switchyard: ${error.message}`);
    else if (error instanceof StartError || error instanceof StoreError) {
      tell(`switchyard: ${error.message}: ${error.remedy}`);
    } else throw error;
    return EXIT.failed;
  }
}
