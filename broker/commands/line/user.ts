import { Option } from 'commander';
import { changePerson, ensureOwner, invite, listPeople, personOf, removePerson } from '../../auth/people.ts';
import { noSuchSession, Sessions } from '../../auth/sessions.ts';
import { checked } from '../../contract/checked.ts';
import { personChange, personRequest, type PersonChange } from '../../contract/person.ts';
import { ROLES } from '../../contract/session.ts';
import { audit, COMMAND_LINE } from '../audit.ts';
import { consoleAddress } from '../console-address.ts';
import type { CommandContext } from '../open-store.ts';
import { linkWith } from '../people.ts';
import { requireChange, type Line, type Work } from './line.ts';
import { consoleUrl, json, type Json } from './options.ts';
import { printList, printSecret, tell, timeOf } from './output.ts';

const role = (): Option => new Option('--role <role>', 'what they may do').choices(ROLES);

/** `user`: who may sign in, as what, and where they are signed in. */
export function userCommands({ program, onStore }: Line): void {
  const user = program.command('user').description('invite people, change what they may do, sign them out');

  const onPeople = (work: Work): Promise<void> =>
    onStore(async (context, now) => {
      // "device create" makes a store too, and nobody to sign in.
      await ensureOwner(context.store, now);
      await work(context, now);
    });

  user
    .command('list')
    .description('list people: id, name, role, whether they have a password, how many sessions, the last use')
    .addOption(json())
    .action((own: Json) =>
      onPeople(async ({ store }, now) =>
        printList(await listPeople(store, now), own, ({ id, name, role, hasPassword, ...person }) => [
          id,
          name,
          role,
          hasPassword ? 'password' : 'invited',
          person.sessions,
          timeOf(person.renewedAt),
        ]),
      ),
    );

  user
    .command('invite')
    .description('make a person, and print the link with which they choose a password, once')
    .argument('<id>')
    .addOption(role().makeOptionMandatory())
    .option('--name <name>', 'shown in the console (default: the id)')
    .addOption(consoleUrl())
    .addOption(json())
    .action((id: string, { url, json, ...own }: { name?: string; role: string; url?: string } & Json) =>
      onPeople(async (context, now) => {
        const { store } = context;
        const request = checked({ id, ...own }, personRequest);
        const made = await invite(store, request, COMMAND_LINE, now);
        await audit(store, 'person.invite', [`@${id}`], now, { role: request.role });
        const link = linkWith(url ?? consoleAddress(context), made.invitation.code);
        const told = `a link for @${id}, good once, until ${timeOf(made.invitation.expiresAt)}`;
        printSecret(link, told, { ...made, link }, { json });
      }),
    );

  user
    .command('change')
    .description('change what a person may do, or is called')
    .argument('<id>')
    .addOption(role())
    .option('--name <name>', 'shown in the console')
    .action((id: string, own: PersonChange, command) => {
      requireChange(command, own);
      return onPeople(async ({ store }, now) => {
        const change = checked(own, personChange);
        await changePerson(store, id, change, now);
        await audit(store, 'person.change', [`@${id}`], now, change);
      });
    });

  user
    .command('sessions')
    .description("list a person's sign-ins: session, address, program, since, the last use, until when")
    .argument('<id>')
    .addOption(json())
    .action((person: string, own: Json) =>
      onPeople(async (context, now) => {
        await personOf(context.store, person);
        printList(await sessionsIn(context).list(person, now), own, ({ id, address, agent, ...session }) => [
          id,
          address,
          agent,
          timeOf(session.createdAt),
          timeOf(session.renewedAt),
          timeOf(session.expiresAt),
        ]);
      }),
    );

  user
    .command('sign-out')
    .description("end a person's sign-ins, wherever they are")
    .argument('<id>')
    .option('--session <session>', 'only this one')
    .action((id: string, { session }: { session?: string }) =>
      onPeople(async (context, now) => {
        const { store } = context;
        await personOf(store, id);
        const sessions = sessionsIn(context);
        if (session !== undefined) {
          if (!(await sessions.end(id, session))) throw noSuchSession();
          return audit(store, 'session.end', [`@${id}`], now);
        }
        const ended = await sessions.endAll(id);
        tell(`sessions ended: ${ended}`);
        return audit(store, 'session.endAll', [`@${id}`], now, { ended });
      }),
    );

  user
    .command('remove')
    .description('remove a person; their sign-ins end')
    .argument('<id>')
    .action((id: string) =>
      onPeople(async ({ store }, now) => {
        await removePerson(store, id);
        await audit(store, 'person.remove', [`@${id}`], now);
      }),
    );
}

/** A running hub sees by itself what ends. */
const sessionsIn = ({ store, keys, tenant }: CommandContext): Sessions =>
  new Sessions({ store, keys, tenant, onEnded: () => undefined });
