import { COMMAND, isOver } from '#firmware-protocol';
import type { CommandRecord } from '#broker/store/commands.ts';
import type { DeedLine } from './deeds.ts';
import { nameOf, type ToldCommand } from './watcher.ts';

/** What a trial came to: figures to print, and what was not as it has to be, in words. */
export interface Verdict {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly violations: readonly string[];
}

/** What three sides know once all is quiet: those who watched, the hub's store, and the devices. */
export interface Evidence {
  readonly told: Iterable<ToldCommand>;
  readonly stored: readonly CommandRecord[];
  readonly deeds: readonly DeedLine[];
}

const NEVER_CARRIED_OUT: ReadonlySet<number> = new Set([
  COMMAND.rejected,
  COMMAND.expired,
  COMMAND.cancelled,
]);
/**
 * How far a device's idea of hub time may be behind, in ms: as long as the message that tells it was on its way, which
 * on a machine that is as busy as this one may be a while (SPEC.md 10.2, 11.3).
 */
const TOLERANCE_MS = 1_000;

const STATE_NAMES = new Map(Object.entries(COMMAND).map(([name, st]) => [st as number, name]));
const stateName = (st: number): string => STATE_NAMES.get(st) ?? String(st);

/** Such an end may be told, and be followed by the late answer of a device. */
const endedUnheard = (st: number): boolean => st === COMMAND.timedOut || st === COMMAND.unknown;

/** Steps and the ms between them, as in "created, sent +0, done +12". */
const pathOf = (steps: readonly { readonly st: number; readonly t: number }[]): string =>
  steps.map(({ st, t }, at) => `${stateName(st)}${at === 0 ? '' : ` +${t - (steps[0]?.t ?? t)}`}`).join(', ');

type Step = readonly [st: number, t: number];
const stepsOf = ({ steps }: CommandRecord): Step[] => JSON.parse(steps) as Step[];

/**
 * Whether the hub told the truth: nothing that was told is lost, nothing was carried out twice, each end is what
 * happened, and nothing stays open. Pure: what it finds depends on the evidence alone.
 */
export function judge({ told, stored, deeds }: Evidence): Verdict {
  const records = new Map(stored.map((record) => [nameOf(record.device, record.id), record]));
  const runs = grouped(deeds.filter(({ did }) => did === 'run'));
  const ends = grouped(deeds.filter(({ did }) => did === 'done'));
  const violations = [
    ...[...told].flatMap((command) => untold(command, records)),
    ...stored.flatMap((record) => untrue(record, runs, ends, deeds)),
    ...[...runs].flatMap(([name, lines]) => unsent(name, lines, records)),
    ...disordered(runs, records),
  ];
  return { figures: countStates(stored, runs), violations };
}

function grouped(lines: readonly DeedLine[]): Map<string, DeedLine[]> {
  const byName = new Map<string, DeedLine[]>();
  for (const line of lines) {
    const name = nameOf(line.device, line.id ?? '');
    const known = byName.get(name);
    if (known) known.push(line);
    else byName.set(name, [line]);
  }
  return byName;
}

/** What was told has to be in the store, each step of it, and no end may be taken back. */
function untold({ device, id, steps }: ToldCommand, records: ReadonlyMap<string, CommandRecord>): string[] {
  const name = nameOf(device, id);
  const record = records.get(name);
  if (record === undefined) return [`${name} was told and is not in the store`];
  const kept = stepsOf(record);
  const paths = `(told ${pathOf(steps)}; stored ${pathOf(kept.map(([st, t]) => ({ st, t })))})`;
  const lost = steps
    // Of steps of progress only the last one is kept.
    .filter(({ st }) => st !== COMMAND.progress)
    .filter((step) => !kept.some(([st, t]) => st === step.st && t === step.t))
    .map(({ st }) => `${name} was told as ${stateName(st)}, which is not in the store ${paths}`);
  const last = steps.at(-1);
  const stale =
    last !== undefined && isOver(record.st) && last.st !== record.st && !endedUnheard(last.st)
      ? [`${name} was last told as ${stateName(last.st)} and is ${stateName(record.st)} in the store`]
      : [];
  const heard = steps.findIndex(({ st }) => isOver(st) && !endedUnheard(st));
  const takenBack = heard >= 0 && steps.slice(heard).some(({ st }) => st !== steps[heard]?.st);
  return [...lost, ...stale, ...(takenBack ? [`${name} went on after its end ${paths}`] : [])];
}

/** The end that the store holds has to be what the devices did. */
function untrue(
  { device, id, st, wish, wver }: CommandRecord,
  runs: ReadonlyMap<string, readonly DeedLine[]>,
  ends: ReadonlyMap<string, readonly DeedLine[]>,
  deeds: readonly DeedLine[],
): string[] {
  const name = nameOf(device, id);
  if (!isOver(st)) return [`${name} is still ${stateName(st)}`];
  if (wish === 1) {
    const applied = deeds.some(
      (deed) => deed.device === device && deed.did === 'desired' && (deed.dver ?? 0) >= (wver ?? Infinity),
    );
    return st === COMMAND.done && !applied ? [`the wish ${name} is done and was never applied`] : [];
  }
  const times = runs.get(name)?.length ?? 0;
  if (times > 1) return [`${name} was carried out ${times} times`];
  if (NEVER_CARRIED_OUT.has(st) && times > 0) return [`${name} is ${stateName(st)} and was carried out`];
  if (st === COMMAND.done && times === 0) return [`${name} is done and was never carried out`];
  if (st === COMMAND.done && !ends.has(name)) return [`${name} is done and never came to its end`];
  return [];
}

/** What is sent has been stored as sent before, and is not carried out after its end. */
function unsent(
  name: string,
  lines: readonly DeedLine[],
  records: ReadonlyMap<string, CommandRecord>,
): string[] {
  const record = records.get(name);
  if (record === undefined) return [`${name} was carried out and is not in the store`];
  const sent = stepsOf(record).some(([st]) => st === COMMAND.sent);
  const late = Math.max(...lines.map(({ t }) => t - (record.exp ?? Infinity)));
  return [
    ...(sent ? [] : [`${name} was carried out and is not stored as sent`]),
    ...(late > TOLERANCE_MS ? [`${name} was carried out ${late} ms after its end`] : []),
  ];
}

/** Of one device, commands are carried out in the order in which they were asked for. */
function disordered(
  runs: ReadonlyMap<string, readonly DeedLine[]>,
  records: ReadonlyMap<string, CommandRecord>,
): string[] {
  const latest = new Map<string, CommandRecord>();
  const violations: string[] = [];
  for (const name of runs.keys()) {
    const record = records.get(name);
    if (record === undefined) continue;
    const before = latest.get(record.device);
    if (before !== undefined && before.createdAt > record.createdAt) {
      violations.push(`${name} was carried out after ${before.id}, which was asked for later`);
    } else {
      latest.set(record.device, record);
    }
  }
  return violations;
}

function countStates(
  stored: readonly CommandRecord[],
  runs: ReadonlyMap<string, readonly DeedLine[]>,
): Record<string, number> {
  const figures: Record<string, number> = {
    commands: stored.filter(({ wish }) => wish === 0).length,
    wishes: stored.filter(({ wish }) => wish === 1).length,
    'carried out': runs.size,
  };
  for (const [st, name] of STATE_NAMES) {
    const count = stored.filter((record) => record.st === st).length;
    if (count > 0) figures[name] = count;
  }
  return figures;
}
