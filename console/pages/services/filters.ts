import { topicFilter } from '#broker/contract/service.ts';
import { TOPIC_ROOT } from '#firmware-protocol';
import { problemOf } from '../../fields/check.ts';

/** What somebody wrote, one filter a line. */
export const filtersFrom = (written: string): string[] =>
  written
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** A filter among others, from 1, and what is wrong with it. */
export interface FilterProblem {
  readonly at: number;
  readonly message: string;
}

/** The first of them that is no topic filter, or none that may be granted. */
export function filterProblem(filters: readonly string[]): FilterProblem | undefined {
  for (const [at, filter] of filters.entries()) {
    const message = problemOf(topicFilter, filter);
    if (message !== undefined) return { at: at + 1, message };
  }
  return undefined;
}

export type Verb = 'publish' | 'subscribe';

/** Where a service may publish and what it may receive of what is the hub's, whatever its filters allow beyond. */
const WITHIN: Readonly<Record<Verb, (tenant: string) => readonly string[]>> = {
  publish: (tenant) => [`${TOPIC_ROOT}/${tenant}/+/rq/#`],
  subscribe: (tenant) => [`${TOPIC_ROOT}/${tenant}/+/up/#`, `${TOPIC_ROOT}/${tenant}/@hub/ev/#`],
};

/** Whether some topic matches both filters. */
function meet(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')];
  for (let at = 0; ; at++) {
    const [left, right] = [a[at], b[at]];
    if (left === '#' || right === '#') return true;
    if (left === undefined || right === undefined) return left === right;
    if (left !== right && left !== '+' && right !== '+') return false;
  }
}

/** Whether a filter allows a service nothing at all: where it points, devices and the hub alone speak or hear. */
export function allowsNothing(verb: Verb, filter: string, tenant: string): boolean {
  const [root = ''] = filter.split('/');
  if (root !== 'iot') return false;
  return !WITHIN[verb](tenant).some((within) => meet(filter, within));
}
