import type { CommandContext } from './open-store.ts';

/** Where a hub notes the address of its console, for commands that are run beside it. */
export const ADDRESS_FILE = 'address.txt';

/** The address of the console: as the last hub on this folder had it, or as the settings say. */
export function consoleAddress({ settings, folder }: Pick<CommandContext, 'settings' | 'folder'>): string {
  return folder.read(ADDRESS_FILE)?.trim() ?? `https://localhost:${settings.https.port}`;
}

/** What whoever reads where the console is should know besides. @param link the sign-in link that they read, if any */
export const howToSignIn = (link: string | undefined): string =>
  link === undefined
    ? 'Forgotten your password? "npm run hub -- sign-in-link" prints a link that lets you choose another.'
    : 'This link lets you choose a password, once; "npm run hub -- sign-in-link" prints another.';
