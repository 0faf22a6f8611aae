import { RequestFault } from '../contract/request-fault.ts';
import type { Resolution } from '../history/history.ts';

const DAY = 24 * 60 * 60_000;
const LATEST = 2 ** 42;
const POINTS = 500;
const MOST_POINTS = 5_000;

type Parameter = (name: string) => string | undefined;

/**
 * `from` and `to` of a request, Unix time in ms: written so, or as ISO 8601. Without them, the last 24 hours.
 *
 * @throws RequestFault
 */
export function rangeOf(parameter: Parameter, now: number): { from: number; to: number } {
  const to = timeOf(parameter, 'to') ?? now;
  const from = timeOf(parameter, 'from') ?? to - DAY;
  if (from >= now && parameter('to') === undefined) {
    throw new RequestFault('invalid', '"from" is not before now, where the range ends without "to"');
  }
  if (from >= to) throw new RequestFault('invalid', '"from" must be before "to"');
  return { from, to };
}

function timeOf(parameter: Parameter, name: string): number | undefined {
  const text = parameter(name);
  if (text === undefined) return undefined;
  const time = /^\d+$/.test(text) ? Number(text) : /^\d{4}-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (time >= 0 && time < LATEST) return time;
  throw new RequestFault(
    'invalid',
    `"${name}" must be Unix time in ms, or ISO 8601 such as 2026-11-22T10:00:00Z: it is "${text}"`,
  );
}

/** `points`: how many buckets a chart has at most. @throws RequestFault */
export function pointsOf(parameter: Parameter): number {
  const text = parameter('points') ?? String(POINTS);
  const points = /^\d+$/.test(text) ? Number(text) : NaN;
  if (points >= 1 && points <= MOST_POINTS) return points;
  throw new RequestFault('invalid', `"points" must be from 1 to ${MOST_POINTS}: it is "${text}"`);
}

/** `name`, which must be one of `choices`, the first of them where it is left out. @throws RequestFault */
export function choiceOf<T extends string>(parameter: Parameter, name: string, choices: readonly T[]): T {
  const text = parameter(name) ?? choices[0];
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new RequestFault('invalid', `"${name}" must be ${choices.join(' or ')}: it is "${text}"`);
}

export const RESOLUTIONS: readonly Resolution[] = ['raw', 'minute', 'hour'];
export const FORMATS = ['csv', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];
