import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitOf, node } from './project.ts';

const ROSTER = 'scripts/demo-fleet.json';

/** Where the credentials of the simulated dozen are kept. */
export const demoCredentials = (data: string): string => join(data, 'demo-credentials.json');

/** Registers the simulated dozen, once for a data folder. Resolves with an exit code. */
export async function registerDemoFleet(data: string, config: readonly string[] = []): Promise<number> {
  const credentials = demoCredentials(data);
  if (existsSync(credentials)) return 0;
  const code = await exitOf(
    node('broker/main.ts', ['--data', data, ...config, 'device', 'import', ROSTER, '--out', credentials]),
  );
  if (code !== 0) {
    process.stderr.write(
      `switchyard: the simulated devices have no credentials in ${credentials}; if that file was lost, ` +
        'remove these devices by "device remove", start in a new folder with --data, or run the hub alone: npm run hub\n',
    );
  }
  return code;
}

/** The simulator's arguments for the simulated dozen. */
export const simulatorArgs = (
  data: string,
  hub: { readonly url: string; readonly ca?: string },
): string[] => [
  '--url',
  hub.url,
  '--credentials',
  demoCredentials(data),
  ...(hub.ca === undefined ? [] : ['--ca', hub.ca]),
];
