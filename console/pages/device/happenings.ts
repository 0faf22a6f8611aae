import { propertyLabel, type Description, type Property } from '#firmware-protocol';
import type { ToldCommand, Written } from '#broker/contract/batch.ts';
import type { Timeline } from '#broker/contract/timeline.ts';
import { describeCommand } from '../../controls/describe-command.ts';
import { isWithdrawable, type Command, type Stage, type Step } from '../../fleet/command.ts';
import { formatDecimals, propertyDecimals } from '../../format/number.ts';
import { writtenUnit } from '../../format/units.ts';
import { boolWords } from '../../format/value.ts';
import { deviceText } from '../../text/device-text.ts';
import { text } from '../../text/text.ts';

type Told = Timeline['entries'][number];

/** One line of what happened to a device. Times are hub time in ms. */
export type Happening =
  | {
      readonly kind: 'command';
      readonly id: string;
      readonly at: number;
      readonly what: string;
      readonly who: string;
      readonly batch: string | undefined;
      readonly batchName: string | undefined;
      readonly stage: Stage;
      /** When it came to stand so. */
      readonly since: number;
      readonly until: number | undefined;
      readonly code: number | undefined;
      readonly msg: string | undefined;
      readonly steps: readonly Step[];
      readonly withdrawable: boolean;
    }
  | Extract<Told, { kind: 'presence' }>
  | { readonly kind: 'event'; readonly t: number; readonly what: string; readonly msg: string | undefined };

export const timeOf = (happening: Happening): number =>
  happening.kind === 'command' ? happening.at : happening.t;

function describeWritten(property: Property | undefined, written: Written | null): string {
  if (written === null) return text.value.none;
  if (!property) return String(written);
  if (typeof written === 'boolean') return boolWords(property)[written ? 1 : 0];
  if (typeof written !== 'number') return written;
  const unit = writtenUnit(property.unit);
  const figure = formatDecimals(written, propertyDecimals(property));
  return unit ? `${figure}\u202F${unit}` : figure;
}

const labelOf = (property: Property | undefined, key: string): string =>
  property ? propertyLabel(property) : key;

/** Values by key, as people read them. */
function describeValues(
  values: Readonly<Record<string, Written | null>>,
  description: Description | undefined,
): string {
  return Object.entries(values)
    .map(([key, written]) => {
      const property = description?.props.find((candidate) => candidate.key === key);
      return text.commands.assignment(labelOf(property, key), describeWritten(property, written));
    })
    .join(', ');
}

function describeTold({ set, run }: ToldCommand, description: Description | undefined): string {
  if (!run) return describeValues(set ?? {}, description);
  const action = description?.acts?.find(({ key }) => key === run.action);
  const args = run.args.map((arg, at) => describeWritten(action?.params?.[at], arg)).join(', ');
  const name = action ? propertyLabel(action) : run.action;
  return args ? `${name} (${args})` : name;
}

/** What was asked for, or as much as is known of it: the hub does not tell what no description could be found for. */
const named = (what: string, batchName: string | undefined): string =>
  what || batchName || deviceText.timeline.unnamed;

function toldHappening(
  told: ToldCommand,
  description: Description | undefined,
  batchName: string | undefined,
): Happening {
  const { id, who, batch, state, t, createdAt, expiresAt, code, msg } = told;
  return {
    kind: 'command',
    id,
    at: createdAt,
    what: named(describeTold(told, description), batchName),
    who,
    batch,
    batchName,
    stage: state,
    since: t,
    until: expiresAt,
    code,
    msg,
    steps: told.steps.map((step) => ({ stage: step.state, at: step.t, code: step.code, msg: step.msg })),
    withdrawable: state === 'created' && !told.wish,
  };
}

/** Each step that either knows of, once, oldest first. */
function mergeSteps(told: readonly Step[], heard: readonly Step[]): readonly Step[] {
  const known = new Set(told.map(({ stage, at }) => `${stage} ${at}`));
  const fresh = heard.filter(({ stage, at }) => !known.has(`${stage} ${at}`));
  return [...told, ...fresh].sort((a, b) => a.at - b.at);
}

function liveHappening(
  command: Command,
  told: Happening | undefined,
  description: Description | undefined,
  batchName: string | undefined,
): Happening {
  const known = told?.kind === 'command' ? told : undefined;
  const steps = mergeSteps(known?.steps ?? [], command.steps);
  if (known && known.since > command.at) return { ...known, steps };
  return {
    kind: 'command',
    id: command.id,
    at: known?.at ?? command.askedAt,
    what: describeCommand(command, description) || known?.what || named('', batchName),
    who: command.who,
    batch: command.batch,
    batchName,
    stage: command.stage,
    since: command.at,
    until: command.expiresAt,
    code: command.code,
    msg: command.msg,
    steps,
    withdrawable: isWithdrawable(command),
  };
}

/**
 * What happened to a device, the latest first: what the hub keeps of it, and commands as they go on.
 * @param told a piece of the timeline, the latest first
 * @param live what this console knows of its commands
 * @param nameOf the name of a batch, where it is known
 */
export function happenings(
  told: readonly Told[],
  live: readonly Command[],
  description: Description | undefined,
  nameOf: (batch: string) => string | undefined,
): readonly Happening[] {
  const batchName = (batch: string | undefined) => (batch === undefined ? undefined : nameOf(batch));
  const commands = new Map<string, Happening>();
  const others: Happening[] = [];
  for (const entry of told) {
    if (entry.kind === 'command') {
      const { id, batch } = entry.command;
      commands.set(id, toldHappening(entry.command, description, batchName(batch)));
    } else if (entry.kind === 'presence') others.push(entry);
    else
      others.push({
        kind: 'event',
        t: entry.t,
        what: describeValues(entry.vals, description),
        msg: entry.msg,
      });
  }
  for (const command of live) {
    commands.set(
      command.id,
      liveHappening(command, commands.get(command.id), description, batchName(command.batch)),
    );
  }
  return [...commands.values(), ...others].sort((a, b) => timeOf(b) - timeOf(a));
}
