import type { Json } from './options.ts';

/**
 * What commands print: on stdout what a script wants, on stderr what only people read. So the output of a command that
 * makes a secret is that secret and nothing else.
 */

/** What steers a terminal, or turns around what it shows: texts come from devices, and from strangers too. */
const STEERING = String.raw`[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]`;
const ANYWHERE = new RegExp(STEERING, 'gu');
const WITHIN_LINES = new RegExp(String.raw`\r?\n|${STEERING}`, 'gu');

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text of several lines, of which nothing but their ends steers a terminal. */
export const harmless = (text: string): string =>
  text.replaceAll(WITHIN_LINES, (found) => (found.endsWith('\n') ? found : escaped(found)));

/** Whoever reads no more has read enough: a command that is piped into `head` ends quietly. */
export const endWithReader = (): void =>
  void process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });

export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Tells people what no script waits for. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

export const printJson = (value: unknown): void => print(harmless(JSON.stringify(value, null, 2)));

/** Prints columns, with tabs between them. */
export const printRow = (...columns: readonly (string | number)[]): void =>
  print(columns.map((column) => String(column).replaceAll(ANYWHERE, escaped)).join('\t'));

/** Prints a list, a line each, or as one JSON array. */
export function printList<T>(
  entries: readonly T[],
  { json }: Json,
  columnsOf: (entry: T) => readonly (string | number)[],
): void {
  if (json) printJson(entries);
  else for (const entry of entries) printRow(...columnsOf(entry));
}

/** Prints a secret that was made, or as JSON the whole answer. @param told what people should know of it */
export function printSecret(secret: string, told: string, answer: unknown, { json }: Json): void {
  if (json) printJson(answer);
  else print(secret);
  tell(told);
}

/** A time for people and for scripts, to the second. Empty for none. */
export const timeOf = (time: number | null | undefined): string =>
  time === null || time === undefined ? '' : new Date(time).toISOString().replace(/\.\d+/, '');
