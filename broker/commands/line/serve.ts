import { Option } from 'commander';
import { settingsSchema, type SettingsFlags } from '../../config/settings.ts';
import type { Line } from './line.ts';
import { certificate, commaSeparated, key, port } from './options.ts';

/** `serve`, which runs the hub and is what a line without a command means. */
export function serveCommand({ program, flags }: Line): void {
  program
    .command('serve', { isDefault: true })
    .description('run the hub (the default)')
    .addOption(new Option('--port <port>', 'https and wss').env('SWITCHYARD_PORT').argParser(port))
    .addOption(
      new Option('--http-port <port>', 'plain http and ws').env('SWITCHYARD_HTTP_PORT').argParser(port),
    )
    .addOption(
      new Option('--host <address>', 'address for https and wss (default: all)').env('SWITCHYARD_HOST'),
    )
    .addOption(
      new Option('--http-host <address>', 'address for plain http and ws (default: 127.0.0.1)').env(
        'SWITCHYARD_HTTP_HOST',
      ),
    )
    .addOption(certificate())
    .addOption(key())
    .addOption(
      new Option('--trust-proxy <networks>', 'proxies in front of the hub, with commas between them')
        .env('SWITCHYARD_TRUST_PROXY')
        .argParser(commaSeparated),
    )
    .addOption(
      new Option('--origin <origin...>', 'other web pages that may connect').env('SWITCHYARD_ORIGIN'),
    )
    .addOption(
      new Option('--log <level>', 'how much is logged')
        .env('SWITCHYARD_LOG')
        .choices(settingsSchema.shape.log.unwrap().options),
    )
    // A word that is no command comes here, because this is the default.
    .argument('[word...]')
    .usage('[options]')
    .action(async ([word]: string[], own: SettingsFlags) => {
      if (word !== undefined) program.error(`error: unknown command ${word}`);
      // The whole hub is behind it, which no other command waits for.
      const { serve } = await import('../serve.ts');
      return serve(flags(own));
    });
}
