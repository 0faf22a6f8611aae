import { resolve } from 'node:path';
import type { CommandContext } from './open-store.ts';

/** Where a hub notes the address of its console, for commands that are run beside it. */
export const ADDRESS_FILE = 'address.txt';

/** The address of the console: as the last hub on this folder had it, or as the settings say. */
export function consoleAddress({ settings, folder }: Pick<CommandContext, 'settings' | 'folder'>): string {
  return folder.read(ADDRESS_FILE)?.trim() ?? `https://localhost:${settings.https.port}`;
}

/**
 * What whoever reads where the console is should know besides.
 * @param link the sign-in link that they read, if any
 * @param data the hub's data folder
 */
export function howToSignIn(link: string | undefined, data: string): string {
  const folder = data === resolve('data') ? '' : `--data ${data} `;
  const command = `"npm run hub -- ${folder}sign-in-link"`;
  return link === undefined
    ? `Forgotten your password? ${command} prints a link that lets you choose another.`
    : `This link lets you choose a password, once; ${command} prints another.`;
}
