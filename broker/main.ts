import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { authority } from './commands/authority.ts';
import { backup } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { createDevices, readDeviceList, removeDevice } from './commands/devices.ts';
import { withStore, type CommandContext } from './commands/open-store.ts';
import { accessToken, consoleAddress, signInLink } from './commands/people.ts';
import { slowly } from './commands/progress.ts';
import { restore } from './commands/restore.ts';
import { serve } from './commands/serve.ts';
import { loadSettings, settingsSchema, type SettingsFlags } from './config/settings.ts';
import { StartError } from './config/start-error.ts';
import { StoreError } from './store/store-error.ts';

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('It must be a port number from 0 to 65535.');
  }
  return number;
}

/** The address of a console: it is always at the root of its origin. */
function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new InvalidArgumentError('It must be an address such as "https://hub.example:8443".');
}

const commaSeparated = (text: string): string[] => text.split(',').map((part) => part.trim());

const dataFolder = (): string => resolve(program.opts<{ data: string }>().data);

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Registers devices once it is certain that their credentials can be handed out: they cannot be shown again. */
function register(devices: () => readonly unknown[], file: string | undefined): Promise<void> {
  const work = async (context: CommandContext): Promise<void> => {
    const output = file === undefined ? undefined : reserve(file);
    try {
      const credentials = await createDevices(context, devices(), Date.now());
      writeFileSync(output ?? process.stdout.fd, `${JSON.stringify(credentials, null, 2)}\n`);
    } catch (error) {
      if (file !== undefined) unlinkSync(file);
      throw error;
    } finally {
      if (output !== undefined) closeSync(output);
    }
  };
  // Devices are registered before the first start too.
  return withStore(flags(), work, { mayMake: true });
}

function reserve(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new StartError(`${file} is there already`, 'name a new file with --out');
    throw new StartError(`cannot write ${file} (${code})`, 'name another file with --out');
  }
}

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
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'switchyard: ')) });

const flags = (own: SettingsFlags = {}): SettingsFlags => ({ ...program.opts<SettingsFlags>(), ...own });

/** The certificate that the hub is given, for what shows it or uses it. */
const certificate = () =>
  new Option('--certificate <file>', "a certificate with its chain, instead of the hub's own authority").env(
    'SWITCHYARD_CERTIFICATE',
  );
const key = () => new Option('--key <file>', 'the key to that certificate').env('SWITCHYARD_KEY');

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
  .addOption(new Option('--origin <origin...>', 'other web pages that may connect').env('SWITCHYARD_ORIGIN'))
  .addOption(
    new Option('--log <level>', 'how much is logged')
      .env('SWITCHYARD_LOG')
      .choices(settingsSchema.shape.log.unwrap().options),
  )
  // A word that is no command comes here, because this is the default.
  .argument('[word...]')
  .usage('[options]')
  .action(([word]: string[], own: SettingsFlags) => {
    if (word !== undefined) program.error(`error: unknown command ${word}`);
    return serve(flags(own));
  });

program
  .command('sign-in-link')
  .description('print a link that signs a person in, once')
  .option('--person <id>', 'who', 'owner')
  .option('--url <url>', "the console's address (default: the hub's own)", origin)
  .action(({ person, url }: { person: string; url?: string }) =>
    withStore(flags(), async (context) =>
      print(await signInLink(context.store, url ?? consoleAddress(context), person, Date.now())),
    ),
  );

program
  .command('token')
  .description('print an access token for a script, good for 15 minutes')
  .option('--person <id>', 'whose', 'owner')
  .action(({ person }: { person: string }) =>
    withStore(flags(), async (context) => print(await accessToken(context, person, Date.now()))),
  );

interface CreateFlags {
  name?: string;
  place?: string;
  tags?: string[];
  out?: string;
}

const device = program.command('device').description('register, list and remove devices');

device
  .command('create')
  .description('register devices and print their credentials, once')
  .argument('<id...>')
  .option('--name <name>', 'shown in the console (for a single device)')
  .option('--place <place>', 'where it is')
  .option('--tags <tags>', 'what it is selected by, with commas between', commaSeparated)
  .option('--out <file>', 'write the credentials to a new file, readable by you only')
  .action((ids: string[], { out, ...labels }: CreateFlags) => {
    if (ids.length > 1 && labels.name !== undefined) {
      throw new StartError('--name is for a single device', 'name them one by one, or use "device import"');
    }
    return register(() => ids.map((id) => ({ id, ...labels })), out);
  });

device
  .command('import')
  .description('register the devices of a JSON list [{"id", "name", "place", "tags"}, …]')
  .argument('<file>')
  .option('--out <file>', 'write the credentials to a new file, readable by you only')
  .action((file: string, { out }: { out?: string }) => register(() => readDeviceList(file), out));

device
  .command('list')
  .description('list the registered devices')
  .action(() =>
    withStore(flags(), async ({ store }) => {
      for (const { id, name, place } of await store.devices()) print([id, name, place].join('\t'));
    }),
  );

device
  .command('remove')
  .description('remove a device and all that is kept of it')
  .argument('<id>')
  .action((id: string) => withStore(flags(), (context) => removeDevice(context, id, Date.now())));

program
  .command('backup')
  .description('copy all that the hub keeps to a new folder, while it runs')
  .argument('<folder>')
  .action((to: string) =>
    withStore(flags(), async (context) => {
      await backup(
        context,
        to,
        slowly(process.stderr, () => performance.now()),
        Date.now(),
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
  .command('ca')
  .description('print the fingerprints by which the hub is known')
  .addOption(certificate())
  .addOption(key())
  .action((own: SettingsFlags) => authority(loadSettings(flags(own)), print, Date.now()));

program
  .command('check')
  .description('look whether the store and the history are whole')
  .action(() => check(dataFolder(), print));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof StartError || error instanceof StoreError)) throw error;
  process.stderr.write(`switchyard: ${error.message}: ${error.remedy}\n`);
  process.exitCode = 1;
}
