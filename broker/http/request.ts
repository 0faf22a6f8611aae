import type { Context } from 'hono';
import { checked, type Schema } from '../contract/checked.ts';
import { RequestFault } from '../contract/request-fault.ts';
import { nestsDeeper } from './nesting.ts';

/** How deep a body may nest, which is far deeper than any that the contract has. */
const LEVELS = 64;

/**
 * The body of a request, as the contract has it.
 * @throws RequestFault that says where in the body it is wrong
 */
export async function readBody<T>(c: Context, schema: Schema<T>): Promise<T> {
  const text = await c.req.text();
  if (nestsDeeper(text, LEVELS))
    throw new RequestFault('invalid', `the body nests deeper than ${LEVELS} levels`);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RequestFault('invalid', 'the body is not JSON');
  }
  return checked(body, schema);
}

/** @throws RequestFault where the query has another parameter: to pass over it would answer another question */
export function onlyParameters(c: Context, ...known: readonly string[]): void {
  const unknown = Object.keys(c.req.query()).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const there = known.length > 0 ? `there are ${known.join(', ')}` : 'there are none here';
  throw new RequestFault('invalid', `there is no parameter "${unknown}": ${there}`);
}

/** A whole number of the query, or undefined where it is not given. @throws RequestFault where it is none */
export function queryNumber(c: Context, name: string, least: number, most: number): number | undefined {
  const given = c.req.query(name);
  if (given === undefined) return undefined;
  const value = /^\d+$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most) return value;
  throw new RequestFault(
    'invalid',
    `${name}: must be a whole number from ${least} to ${most}, not "${given}"`,
  );
}

/** Which entries of a list, the latest first: only those from before then (Unix ms), and how many. */
export interface Page {
  readonly before?: number;
  readonly limit: number;
}

/** Most entries of one moment. */
const MOST_AT_ONCE = 20_000;

/**
 * A page of a list whose latest entries come first, as the query says. Entries of one moment stay together, so that
 * whoever goes on before the last one misses none; a page may therefore be longer.
 */
export async function latest<T>(
  c: Context,
  most: number,
  list: (page: Page) => Promise<readonly T[]>,
  timeOf: (entry: T) => number,
): Promise<readonly T[]> {
  const asked = page(c, most);
  const { limit } = asked;
  const found = await list({ ...asked, limit: limit + 1 });
  const [last, beyond] = found.slice(limit - 1);
  if (last === undefined || beyond === undefined) return found;
  const moment = timeOf(last);
  if (timeOf(beyond) !== moment) return found.slice(0, limit);
  const before = await list({ before: moment + 1, limit: MOST_AT_ONCE });
  return [
    ...found.filter((entry) => timeOf(entry) > moment),
    ...before.filter((entry) => timeOf(entry) === moment),
  ];
}

function page(c: Context, most: number): Page {
  const before = queryNumber(c, 'before', 0, Number.MAX_SAFE_INTEGER);
  return {
    limit: queryNumber(c, 'limit', 1, most) ?? 50,
    ...(before !== undefined && { before }),
  };
}

/** Which entries of a list by id: those after one, and how many. */
export interface IdPage {
  readonly after?: string;
  readonly limit: number;
}

/** A page of a list in the order of ids, as the query says. `next` is the last id, where there are more. */
export async function pageById<T>(
  c: Context,
  list: (page: IdPage) => Promise<readonly T[]> | readonly T[],
  idOf: (entry: T) => string,
): Promise<{ readonly entries: readonly T[]; readonly next?: string }> {
  const after = c.req.query('after');
  const limit = queryNumber(c, 'limit', 1, 20_000) ?? 1_000;
  const found = await list({ ...(after !== undefined && { after }), limit: limit + 1 });
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(found.length > limit && last !== undefined && { next: idOf(last) }) };
}
