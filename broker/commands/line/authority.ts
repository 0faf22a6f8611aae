import { loadSettings, type SettingsFlags } from '../../config/settings.ts';
import { authority } from '../authority.ts';
import type { Line } from './line.ts';
import { certificate, key } from './options.ts';
import { print } from './output.ts';

/** `ca`: by which certificates the hub is known. */
export function authorityCommand({ program, flags }: Line): void {
  program
    .command('ca')
    .description('print the fingerprints by which the hub is known')
    .addOption(certificate())
    .addOption(key())
    .action((own: SettingsFlags) => authority(loadSettings(flags(own)), print, Date.now()));
}
