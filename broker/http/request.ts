import type { Context } from 'hono';
import { wording } from '../contract/wording.ts';
import { RequestFault } from '../fleet/request-fault.ts';

/** A schema of the contract. */
interface Schema<T> {
  safeParse(
    input: unknown,
    options: typeof wording,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: Invalid };
}

interface Invalid {
  readonly issues: readonly Issue[];
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** What each form that it could have had finds wrong. */
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * The body of a request, as the contract has it.
 * @throws RequestFault that says where in the body it is wrong
 */
export async function readBody<T>(c: Context, schema: Schema<T>): Promise<T> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch {
    throw new RequestFault('invalid', 'the body is not JSON');
  }
  return checked(body, schema);
}

/** @throws RequestFault that says where it is wrong */
export function checked<T>(input: unknown, schema: Schema<T>): T {
  const result = schema.safeParse(input, wording);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new RequestFault('invalid', issue ? sentence(issue) : 'the body is not as agreed');
}

/** Of several forms that it could have had, the one that it comes nearest to. */
function sentence({ path, message, errors = [] }: Issue): string {
  const [nearest] = errors.filter((form) => form.length > 0).toSorted((a, b) => a.length - b.length);
  const [inner] = nearest ?? [];
  if (inner) return sentence({ ...inner, path: [...path, ...inner.path] });
  return path.length > 0 ? `${place(path)}: ${message}` : message;
}

const place = (path: readonly PropertyKey[]): string =>
  path
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`))
    .join('');

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

/** Which page of a list whose latest entries come first: before when (Unix ms), and how many. */
export function page(c: Context, most = 1_000): { readonly before?: number; readonly limit: number } {
  const before = queryNumber(c, 'before', 0, Number.MAX_SAFE_INTEGER);
  return {
    limit: queryNumber(c, 'limit', 1, most) ?? Math.min(50, most),
    ...(before !== undefined && { before }),
  };
}

/** A page of a list in the order of ids: those after the one given. `next` is the last id, where there are more. */
export function pageOfIds<T>(
  c: Context,
  all: readonly T[],
  idOf: (entry: T) => string,
): { readonly entries: readonly T[]; readonly next?: string } {
  const after = c.req.query('after');
  const limit = queryNumber(c, 'limit', 1, 20_000) ?? 1_000;
  const rest = after === undefined ? all : all.filter((entry) => idOf(entry) > after);
  const entries = rest.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(rest.length > limit && last !== undefined && { next: idOf(last) }) };
}
