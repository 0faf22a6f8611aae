import { backup } from '../backup.ts';
import { check } from '../check.ts';
import { slowly } from '../progress.ts';
import { restore } from '../restore.ts';
import type { Line } from './line.ts';
import { print } from './output.ts';

/** `backup`, `restore` and `check`: the data folder as a whole. */
export function dataFolderCommands({ program, onStore, dataFolder }: Line): void {
  program
    .command('backup')
    .description('copy all that the hub keeps to a new folder, while it runs')
    .argument('<folder>')
    .action((to: string) =>
      onStore(async (context, now) => {
        await backup(
          context,
          to,
          slowly(process.stderr, () => performance.now()),
          now,
        );
        print(`backed up to ${to}`);
      }),
    );

  program
    .command('restore')
    .description('make the data folder what it was when a backup was made; the hub must not run')
    .argument('<folder>', 'the backup')
    .action(async (from: string) => {
      const aside = await restore(dataFolder(), from, Date.now());
      print(`restored ${from}${aside === undefined ? '' : `; what was there before is in ${aside}`}`);
    });

  program
    .command('check')
    .description('look whether the store and the history are whole')
    .action(() => check(dataFolder(), print));
}
