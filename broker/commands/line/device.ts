import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { disableDevice, revokeCredential, rotateCredential, toldCredential } from '../../auth/devices.ts';
import { StartError } from '../../config/start-error.ts';
import { checked } from '../../contract/checked.ts';
import { credentialRequest } from '../../contract/credential.ts';
import { audit } from '../audit.ts';
import { createDevices, readDeviceList, removeDevice } from '../devices.ts';
import { handOut } from './hand-out.ts';
import type { Line } from './line.ts';
import { commaSeparated, json, type Json } from './options.ts';
import { printJson, printList, printRow, timeOf } from './output.ts';

interface CreateFlags {
  readonly name?: string;
  readonly place?: string;
  readonly tags?: string[];
  readonly publicKey?: string;
  readonly out?: string;
}

const out = (): Option =>
  new Option('--out <file>', 'write the credentials to a new file, readable by you only');
const publicKey = (): Option =>
  new Option('--public-key <file>', 'PEM of its own public key (P-256 or Ed25519), in place of a secret');

/** `device`: which devices may connect, and with what. */
export function deviceCommands({ program, onStore }: Line): void {
  const device = program.command('device').description('say which devices may connect, and with what');

  // Devices are registered before the first start too.
  const register = (devices: () => readonly unknown[], file: string | undefined): Promise<void> =>
    onStore((context, now) => handOut(file, () => createDevices(context, devices(), now)), {
      mayMake: true,
    });

  device
    .command('create')
    .description('register devices and print their credentials, once')
    .argument('<id...>')
    .option('--name <name>', 'shown in the console (for a single device)')
    .option('--place <place>', 'where it is')
    .option('--tags <tags>', 'what it is selected by, with commas between', commaSeparated)
    .addOption(publicKey())
    .addOption(out())
    .action((ids: string[], { out, publicKey: file, ...labels }: CreateFlags) => {
      if (ids.length > 1) {
        refuseForSeveral('--name', labels.name);
        refuseForSeveral('--public-key', file);
      }
      const own = { ...labels, ...(file !== undefined && { publicKey: readKey(file) }) };
      return register(() => ids.map((id) => ({ id, ...own })), out);
    });

  device
    .command('import')
    .description('register the devices of a JSON list [{"id", "name", "place", "tags", "publicKey"}, …]')
    .argument('<file>')
    .addOption(out())
    .action((file: string, { out }: CreateFlags) => register(() => readDeviceList(file), out));

  device
    .command('list')
    .description('list the registered devices: id, name, place')
    .addOption(json())
    .action((own: Json) =>
      onStore(async ({ store }) =>
        printList(await store.devices(), own, ({ id, name, place }) => [id, name, place]),
      ),
    );

  device
    .command('show')
    .description('tell what a device connects with, and since when')
    .argument('<id>')
    .addOption(json())
    .action((id: string, own: Json) =>
      onStore(async (context) => {
        const told = await toldCredential(context, id);
        if (own.json) return printJson(told);
        const { createdAt, changedAt, ...rest } = told;
        const lines = { ...rest, createdAt: timeOf(createdAt), changedAt: timeOf(changedAt) };
        for (const [field, value] of Object.entries(lines)) printRow(field, String(value));
      }),
    );

  device
    .command('rotate')
    .description('give a device other credentials in place of those that it has, and print them, once')
    .argument('<id>')
    .addOption(publicKey())
    .addOption(out())
    .action((id: string, { publicKey: file, out }: CreateFlags) =>
      onStore((context, now) =>
        handOut(out, async () => {
          const request = checked(file === undefined ? {} : { publicKey: readKey(file) }, credentialRequest);
          const { tenant, ...issued } = await rotateCredential(context, id, request.publicKey, now);
          await audit(context.store, 'device.rotate', [id], now, {
            kind: file === undefined ? 'secret' : 'key',
          });
          return { tenant, devices: [issued] };
        }),
      ),
    );

  for (const { word, disabled, what } of [
    { word: 'disable', disabled: true, what: 'bar a device from connecting; it keeps its credentials' },
    { word: 'enable', disabled: false, what: 'let a device that was disabled connect again' },
  ]) {
    device
      .command(word)
      .description(what)
      .argument('<id>')
      .action((id: string) =>
        onStore(async (context, now) => {
          await disableDevice(context, id, disabled);
          await audit(context.store, `device.${word}`, [id], now);
        }),
      );
  }

  device
    .command('revoke')
    .description("take a device's credentials away: it cannot connect until it is given others")
    .argument('<id>')
    .action((id: string) =>
      onStore(async (context, now) => {
        await revokeCredential(context, id, now);
        await audit(context.store, 'device.revoke', [id], now);
      }),
    );

  device
    .command('remove')
    .description('remove a device and all that is kept of it')
    .argument('<id>')
    .action((id: string) => onStore((context, now) => removeDevice(context, id, now)));
}

function refuseForSeveral(option: string, given: string | undefined): void {
  if (given === undefined) return;
  throw new StartError(
    `${option} is for a single device`,
    'register them one by one, or use "device import"',
  );
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`cannot read ${file} (${code})`, "name a file with the device's public key");
  }
}
