import { writeViolations, type Description, type Desired, type Values } from '#firmware-protocol';

/** What a device made of a desired document: what state messages report of it. */
export interface Applied {
  readonly dver: number;
  /** Why properties were left as they are: codes of `CODE` by property. */
  readonly errs?: ReadonlyMap<number, number>;
}

/**
 * SPEC.md 12.1 and 12.2: which values of a desired document to apply, and what to report of it. Undefined where
 * the document is not newer than the one that was applied last.
 */
export function sift(
  { vals, ver }: Desired,
  description: Description,
  last: Applied | undefined,
): { values: Values; applied: Applied } | undefined {
  if (last !== undefined && ver <= last.dver) return undefined;
  const errs = new Map(
    writeViolations(description, vals, 'desired').map(({ pid, code }) => [pid, code] as const),
  );
  const values = new Map([...vals].filter(([pid]) => !errs.has(pid)));
  return { values, applied: errs.size > 0 ? { dver: ver, errs } : { dver: ver } };
}
