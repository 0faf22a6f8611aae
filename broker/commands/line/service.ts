import { Option } from 'commander';
import { ensureOwner } from '../../auth/people.ts';
import {
  changeService,
  createService,
  listServices,
  removeService,
  rotateService,
} from '../../auth/services.ts';
import { checked } from '../../contract/checked.ts';
import { serviceChange, serviceRequest, type ToldService } from '../../contract/service.ts';
import { ROLES } from '../../contract/session.ts';
import { audit } from '../audit.ts';
import { requireChange, type Line } from './line.ts';
import { json, until, type Json } from './options.ts';
import { printList, printSecret, timeOf } from './output.ts';

/** What a service may do. False is what `--no-…` says: none of it. */
interface Grants {
  readonly name?: string;
  readonly publish?: string[] | false;
  readonly subscribe?: string[] | false;
  readonly role?: string | false;
  readonly expires?: number | false;
}

const grants = (): Option[] => [
  new Option('--name <name>', 'shown in the console'),
  new Option('--publish <filter...>', 'topics that it may publish to'),
  new Option('--subscribe <filter...>', 'topics that it may subscribe to'),
  new Option('--role <role>', 'as what it may use the HTTP API').choices(ROLES),
  new Option('--expires <when>', 'until when it is good: "30d", "12h" or a date').argParser(until),
];

const withdrawals = (): Option[] => [
  new Option('--no-publish', 'it may publish nowhere'),
  new Option('--no-subscribe', 'it may subscribe to nothing'),
  new Option('--no-role', 'it may not use the HTTP API'),
  new Option('--no-expires', 'it is good for ever'),
];

/** `service`: integrations, and what they may do. */
export function serviceCommands({ program, onStore }: Line): void {
  const family = program.command('service').description('let integrations in, and say what they may do');

  family
    .command('list')
    .description('list services: id, name, state, until when, role, topics to publish, topics to subscribe')
    .addOption(json())
    .action((own: Json) =>
      onStore(async (context, now) =>
        printList(await listServices(context), own, (each) => [
          each.id,
          each.name,
          stateOf(each, now),
          timeOf(each.expiresAt),
          each.role ?? '',
          each.publish.join(', '),
          each.subscribe.join(', '),
        ]),
      ),
    );

  const create = family
    .command('create')
    .description('make a service, which may do what is said and no more, and print its token, once')
    .argument('<id>')
    .addOption(json());
  for (const option of grants()) create.addOption(option);
  create.action((service: string, { json, expires, ...own }: Grants & Json) =>
    onStore(async (context, now) => {
      const { store } = context;
      // Services share their ids with people: the first of them must find its own free.
      await ensureOwner(store, now);
      const request = checked({ ...own, id: service, expiresAt: expires }, serviceRequest);
      const made = await createService(context, request, now);
      const { id, ...detail } = request;
      await audit(store, 'service.create', [`@${id}`], now, detail);
      printSecret(made.token, usage(made.service), made, { json });
    }),
  );

  const change = family.command('change').description('change what a service may do').argument('<id>');
  for (const option of [...grants(), ...withdrawals()]) change.addOption(option);
  change.action((id: string, own: Grants) => {
    requireChange(change, own);
    const { publish, subscribe, role, expires, ...rest } = own;
    return onStore(async (context, now) => {
      const given = checked(
        {
          ...rest,
          publish: publish === false ? [] : publish,
          subscribe: subscribe === false ? [] : subscribe,
          role: role === false ? null : role,
          expiresAt: expires === false ? null : expires,
        },
        serviceChange,
      );
      await changeService(context, id, given);
      await audit(context.store, 'service.change', [`@${id}`], now, given);
    });
  });

  family
    .command('rotate')
    .description('give a service another token in place of the one that it has, and print it, once')
    .argument('<id>')
    .addOption(json())
    .action((id: string, own: Json) =>
      onStore(async (context, now) => {
        const made = await rotateService(context, id, now);
        await audit(context.store, 'service.rotate', [`@${id}`], now);
        printSecret(made.token, usage(made.service), made, own);
      }),
    );

  for (const { word, disabled, what } of [
    { word: 'disable', disabled: true, what: 'bar a service; it keeps its token' },
    { word: 'enable', disabled: false, what: 'let a service in again that was disabled' },
  ]) {
    family
      .command(word)
      .description(what)
      .argument('<id>')
      .action((id: string) =>
        onStore(async (context, now) => {
          await changeService(context, id, { disabled });
          await audit(context.store, 'service.change', [`@${id}`], now, { disabled });
        }),
      );
  }

  family
    .command('remove')
    .description('remove a service')
    .argument('<id>')
    .action((id: string) =>
      onStore(async (context, now) => {
        await removeService(context, id);
        await audit(context.store, 'service.remove', [`@${id}`], now);
      }),
    );
}

function stateOf({ disabled, expiresAt }: ToldService, now: number): string {
  if (disabled) return 'disabled';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'enabled';
}

const usage = ({ id, role }: ToldService): string =>
  `the password of the MQTT user name @${id}${role === null ? '' : ', and the bearer token of HTTP requests'}`;
