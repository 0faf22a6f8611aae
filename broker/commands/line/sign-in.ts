import { consoleAddress } from '../console-address.ts';
import { accessToken, signInLink } from '../people.ts';
import type { Line } from './line.ts';
import { consoleUrl } from './options.ts';
import { print } from './output.ts';

/** `sign-in-link` and `token`: ways in for whoever may use the data folder. */
export function signInCommands({ program, onStore }: Line): void {
  program
    .command('sign-in-link')
    .description('print a link with which a person chooses a password and signs in, once')
    .option('--person <id>', 'who', 'owner')
    .addOption(consoleUrl())
    .action(({ person, url }: { person: string; url?: string }) =>
      onStore(async (context, now) =>
        print(await signInLink(context.store, url ?? consoleAddress(context), person, now)),
      ),
    );

  program
    .command('token')
    .description('print an access token for a script, good for 15 minutes')
    .option('--person <id>', 'whose', 'owner')
    .action(({ person }: { person: string }) =>
      onStore(async (context, now) => print(await accessToken(context, person, now))),
    );
}
