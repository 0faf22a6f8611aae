import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { SettingsFlags } from '../../config/settings.ts';
import { withStore, type CommandContext } from '../open-store.ts';

/** The command line that families of commands are added to, and what they share. */
export interface Line {
  readonly program: Command;
  /** What the line says of settings: for all commands, and under it for this one. */
  flags(own?: SettingsFlags): SettingsFlags;
  dataFolder(): string;
  /** Opens the data folder for a command, and closes it whatever happens. */
  onStore(work: Work, options?: Parameters<typeof withStore>[2]): Promise<void>;
}

/** @param now Unix time in ms */
export type Work = (context: CommandContext, now: number) => Promise<void>;

/** A command line without commands. What it cannot read it tells on stderr, and throws a CommanderError. */
export function newLine(): Line {
  const program = new Command('switchyard')
    .description('The Switchyard hub, and the commands that work on its data folder.')
    .addOption(
      new Option('--data <folder>', 'where the hub keeps everything').env('SWITCHYARD_DATA').default('data'),
    )
    .addOption(
      new Option('--config <file>', 'settings file (default: switchyard.toml in the data folder)').env(
        'SWITCHYARD_CONFIG',
      ),
    )
    .showHelpAfterError('(--help shows what there is)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'switchyard: ')) })
    .exitOverride();
  const flags = (own: SettingsFlags = {}): SettingsFlags => ({ ...program.opts<SettingsFlags>(), ...own });
  return {
    program,
    flags,
    dataFolder: () => resolve(program.opts<{ data: string }>().data),
    onStore: (work, options) => withStore(flags(), (context) => work(context, Date.now()), options),
  };
}

/** @throws CommanderError where a command that changes something was not told what */
export function requireChange(command: Command, given: object): void {
  if (Object.keys(given).length > 0) return;
  const options = command.options.map(({ long }) => long).join(', ');
  command.error(`error: there is nothing to change: say what with ${options}`);
}
