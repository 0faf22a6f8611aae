import type { Command } from 'commander';
import { auditCommand } from './audit.ts';
import { claimCommands } from './claim.ts';
import { dataFolderCommands } from './data-folder.ts';
import { deviceCommands } from './device.ts';
import { keysCommands } from './keys.ts';
import { newLine } from './line.ts';
import { serveCommand } from './serve.ts';
import { serviceCommands } from './service.ts';
import { signInCommands } from './sign-in.ts';
import { userCommands } from './user.ts';

/** Every command of the hub, in the order of its help. */
export function commandLine(): Command {
  const line = newLine();
  serveCommand(line);
  signInCommands(line);
  userCommands(line);
  deviceCommands(line);
  claimCommands(line);
  serviceCommands(line);
  keysCommands(line);
  auditCommand(line);
  dataFolderCommands(line);
  return line.program;
}
