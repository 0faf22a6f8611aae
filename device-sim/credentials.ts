import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { isId } from '#firmware-protocol';
import { KINDS } from './kinds/index.ts';
import { fileProblem, UserError } from './user-error.ts';

const kindNames = KINDS.map(({ name }) => name);

const id = z.custom<string>(
  isId,
  'must be 1 to 32 of a–z, 0–9, "_" and "-", beginning with a letter or digit',
);

const Credentials = z.object({
  tenant: id,
  devices: z
    .array(
      z.object({
        id,
        secret: z.string('must be text').min(1, 'must not be empty'),
        kind: z.enum(kindNames, `must be one of ${kindNames.join(', ')}`).optional(),
      }),
      'must be a list',
    )
    .min(1, 'must list at least one device')
    .superRefine((devices, context) => {
      const seen = new Set<string>();
      devices.forEach((device, at) => {
        if (seen.has(device.id)) {
          context.addIssue({ code: 'custom', path: [at, 'id'], message: `"${device.id}" is there twice` });
        }
        seen.add(device.id);
      });
    }),
});

/** Who the devices are, and the secrets that prove it. */
export type Credentials = z.infer<typeof Credentials>;

const EXPECTED = '{ "tenant": "home", "devices": [ { "id": "hall-lamp", "secret": "…" } ] }';

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');

/** Never quotes the text: it holds secrets, and JSON.parse's own message would. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /line \d+ column \d+/.exec((error as Error).message);
    throw new UserError(
      `Credentials ${path}: not valid JSON${at ? ` at ${at[0]}` : ''}; expected ${EXPECTED}`,
    );
  }
}

/**
 * Checks the text of a credentials file.
 * @throws UserError with the path and the first thing that is wrong
 */
export function parseCredentials(text: string, path: string): Credentials {
  const result = Credentials.safeParse(parseJson(text, path));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = pathOf(issue?.path ?? []);
  throw new UserError(
    `Credentials ${path}: ${where && `${where} `}${issue?.message ?? 'is not valid'}; expected ${EXPECTED}`,
  );
}

/** @throws UserError when the file cannot be read or is not valid */
export async function readCredentials(path: string): Promise<Credentials> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError(
      `Credentials ${path}: ${fileProblem(error)}; give the file with --credentials or SWITCHYARD_CREDENTIALS`,
    );
  });
  return parseCredentials(text, path);
}
