import { InvalidArgumentError, Option } from 'commander';
import { durationOf, momentOf } from './when.ts';

/** Options, and readers of their values, that several commands have. A reader throws what commander tells people. */

export const json = (): Option => new Option('--json', 'print JSON, for scripts');
/** Of a command with that option. */
export interface Json {
  readonly json?: true | undefined;
}

/** The address of a console: it is always at the root of its origin. */
export const consoleUrl = (): Option =>
  new Option('--url <url>', "the console's address (default: the hub's own)").argParser((text) => {
    const url = URL.parse(text);
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
    throw new InvalidArgumentError('It must be an address such as "https://hub.example:8443".');
  });

/** The certificate that the hub is given, for what shows it or uses it. */
export const certificate = (): Option =>
  new Option('--certificate <file>', "a certificate with its chain, instead of the hub's own authority").env(
    'SWITCHYARD_CERTIFICATE',
  );
export const key = (): Option =>
  new Option('--key <file>', 'the key to that certificate').env('SWITCHYARD_KEY');

export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('It must be a port number from 0 to 65535.');
  }
  return number;
}

export function whole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

export const commaSeparated = (text: string): string[] => text.split(',').map((part) => part.trim());

const FORMS = 'such as "12h" or "30d", or a date or a time such as 2027-01-31 or 2027-01-31T18:00:00Z';

/** Until when something is good, in Unix ms. */
export function until(text: string): number {
  const now = Date.now();
  const duration = durationOf(text);
  const time = duration === undefined ? momentOf(text) : now + duration;
  if (time === undefined) throw new InvalidArgumentError(`It must be how long ${FORMS}.`);
  if (time <= now) throw new InvalidArgumentError('It has passed already.');
  return time;
}

/** When something was, in Unix ms. */
export function ago(text: string): number {
  const duration = durationOf(text);
  const time = duration === undefined ? momentOf(text) : Date.now() - duration;
  if (time === undefined) throw new InvalidArgumentError(`It must be how long ago ${FORMS}.`);
  return time;
}
