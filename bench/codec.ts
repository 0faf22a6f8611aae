import { protocolGzipBytes } from './bundle-size.ts';
import {
  CODEC,
  DISCIPLINES,
  MESSAGES_OF_EACH,
  REFERENCE,
  type Contestant,
  type Discipline,
} from './contestants.ts';

/**
 * How many messages a second of one processor encodes and decodes, checks included, beside what one would take
 * instead; how long they are; and how much code a browser loads for it. See README.md for how to read it.
 */

const ROUNDS = 9;
const MS_OF_EACH = 60;

const TARGETS = {
  teleThousandsPerSecond: 400,
  teleTimesReference: 3,
  teleBytes: 40,
  codeGzipBytes: 15_000,
} as const;

type Operation = 'encode' | 'decode';

interface Result {
  readonly message: string;
  readonly operation: Operation;
  readonly contestant: string;
  readonly bytes: number;
  /** Median of the rounds. */
  readonly perCpuSecond: number;
  /** How many times as fast as the reference: median of the ratios within each round. */
  readonly timesReference: number;
}

/** What is made is kept somewhere, so that making it cannot be left out. */
const kept: unknown[] = Array<unknown>(MESSAGES_OF_EACH);

/** Messages per second of processor time, that of the collector and the compiler included. */
function measure(contestant: Contestant, operation: Operation): number {
  const begun = process.cpuUsage();
  const until = performance.now() + MS_OF_EACH;
  let messages = 0;
  while (performance.now() < until) {
    for (let index = 0; index < MESSAGES_OF_EACH; index += 1) kept[index] = contestant[operation](index);
    messages += MESSAGES_OF_EACH;
  }
  const { user, system } = process.cpuUsage(begun);
  return messages / ((user + system) / 1_000_000);
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** All contestants in each round, so that a slower moment of the machine is one for all of them. */
function compete({ message, contestants }: Discipline, operation: Operation): Result[] {
  const rounds = Array.from({ length: ROUNDS + 1 }, () =>
    contestants.map((contestant) => measure(contestant, operation)),
  ).slice(1); // the first is the compiler's
  const at = contestants.findIndex(({ name }) => name === REFERENCE);
  return contestants.map((contestant, index) => ({
    message,
    operation,
    contestant: contestant.name,
    bytes: contestant.encode(0).length,
    perCpuSecond: Math.round(median(rounds.map((round) => round[index] as number))),
    timesReference: median(rounds.map((round) => (round[index] as number) / (round[at] as number))),
  }));
}

interface Target {
  readonly what: string;
  readonly is: number;
  readonly target: number;
  readonly met: boolean;
}

const atLeast = (what: string, is: number, target: number): Target => ({
  what,
  is,
  target,
  met: is >= target,
});
const atMost = (what: string, is: number, target: number): Target => ({
  what,
  is,
  target,
  met: is <= target,
});

function targets(results: readonly Result[], codeGzipBytes: number): Target[] {
  const ours = results.filter(({ message, contestant }) => message === 'tele' && contestant === CODEC);
  const [{ bytes } = { bytes: NaN }] = ours;
  return [
    ...ours.flatMap(({ operation, perCpuSecond, timesReference }) => [
      atLeast(`${operation} tele, thousands a second`, perCpuSecond / 1_000, TARGETS.teleThousandsPerSecond),
      atLeast(`${operation} tele, times ${REFERENCE}`, timesReference, TARGETS.teleTimesReference),
    ]),
    atMost('tele with five readings, bytes', bytes, TARGETS.teleBytes),
    atMost('protocol code after gzip, bytes', codeGzipBytes, TARGETS.codeGzipBytes),
  ];
}

const round = (n: number): string => n.toLocaleString('en', { maximumFractionDigits: 1 });

function table(results: readonly Result[], goals: readonly Target[]): string {
  const lines = ['message  operation  with               bytes   thousand/s   times reference'];
  for (const { message, operation, contestant, bytes, perCpuSecond, timesReference } of results) {
    const figures = [
      round(bytes).padStart(5),
      round(perCpuSecond / 1_000).padStart(12),
      round(timesReference).padStart(17),
    ];
    lines.push(`${message.padEnd(8)} ${operation.padEnd(10)} ${contestant.padEnd(18)} ${figures.join(' ')}`);
  }
  lines.push('', 'target                                      is     should be');
  for (const { what, is, target, met } of goals) {
    lines.push(
      `${what.padEnd(36)} ${round(is).padStart(9)} ${round(target).padStart(13)}  ${met ? 'met' : 'MISSED'}`,
    );
  }
  return lines.join('\n');
}

const codeGzipBytes = await protocolGzipBytes();
const results = DISCIPLINES.flatMap((discipline) => [
  ...compete(discipline, 'encode'),
  ...compete(discipline, 'decode'),
]);
const goals = targets(results, codeGzipBytes);
const output = process.argv.includes('--json')
  ? JSON.stringify({ results, targets: goals }, null, 2)
  : table(results, goals);
process.stdout.write(`${output}\n`);
process.exitCode = goals.every(({ met }) => met) ? 0 : 1;
