import { RequestFault } from './request-fault.ts';
import { wording } from './wording.ts';

/** A schema of the contract. */
export interface Schema<T> {
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

/** What somebody asks for, as the contract has it. @throws RequestFault that says where it is wrong */
export function checked<T>(input: unknown, schema: Schema<T>): T {
  const result = schema.safeParse(input, wording);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new RequestFault('invalid', issue ? sentence(issue) : 'it is not as agreed');
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
