import { createClaim, listClaims, removeClaim } from '../../auth/claims.ts';
import { checked } from '../../contract/checked.ts';
import { claimRequest } from '../../contract/claim.ts';
import { audit, COMMAND_LINE } from '../audit.ts';
import type { Line } from './line.ts';
import { commaSeparated, json, until, whole, type Json } from './options.ts';
import { printList, printSecret, timeOf } from './output.ts';

interface CreateFlags extends Json {
  readonly name: string;
  readonly uses: number;
  readonly expires: number;
  readonly model?: string;
  readonly place?: string;
  readonly tags?: string[];
}

/** `claim`: tokens with which devices register themselves. */
export function claimCommands({ program, onStore }: Line): void {
  const claim = program.command('claim').description('let devices register themselves, by a token');

  claim
    .command('list')
    .description('list claims: id, name, uses left, of how many, until when, model, place, tags, by whom')
    .addOption(json())
    .action((own: Json) =>
      onStore(async (context) =>
        printList(await listClaims(context), own, ({ id, name, left, uses, ...each }) => [
          id,
          name,
          left,
          uses,
          timeOf(each.expiresAt),
          each.model ?? '',
          each.place ?? '',
          each.tags?.join(', ') ?? '',
          each.createdBy,
        ]),
      ),
    );

  claim
    .command('create')
    .description('make a claim and print its token, once')
    .requiredOption('--name <name>', 'what it is for')
    .option('--uses <n>', 'how many devices may use it', whole, 1)
    .requiredOption('--expires <when>', 'until when it is good: "12h", "7d" or a date', until)
    .option('--model <model>', 'only for devices of this model')
    .option('--place <place>', 'what these devices get')
    .option('--tags <tags>', 'what these devices get, with commas between', commaSeparated)
    .addOption(json())
    .action(({ json, expires, ...own }: CreateFlags) =>
      onStore(async (context, now) => {
        const request = checked({ ...own, expiresAt: expires }, claimRequest);
        const made = await createClaim(context, request, COMMAND_LINE, now);
        await audit(context.store, 'claim.create', [made.claim.id], now, request);
        const { id, uses, expiresAt } = made.claim;
        const told = `the claim ${id}, for ${uses} ${uses === 1 ? 'device' : 'devices'}, until ${timeOf(expiresAt)}`;
        printSecret(made.token, told, made, { json });
      }),
    );

  claim
    .command('remove')
    .description('remove a claim; devices that used it stay')
    .argument('<id>')
    .action((id: string) =>
      onStore(async (context, now) => {
        await removeClaim(context, id);
        await audit(context.store, 'claim.remove', [id], now);
      }),
    );
}
