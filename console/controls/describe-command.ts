import { propertyLabel, type Description } from '#firmware-protocol';
import type { Command } from '../fleet/command.ts';
import { formatRaw, formatWithUnit } from '../format/value.ts';
import { text } from '../text/text.ts';

function describeAction(op: number, args: Command['args'], description: Description | undefined): string {
  const action = description?.acts?.find(({ pid }) => pid === op);
  const name = action ? propertyLabel(action) : text.commands.action(op);
  const written = args.map((arg, at) => {
    const param = action?.params?.[at];
    return param ? formatWithUnit(param, arg) : formatRaw(arg);
  });
  return written.length > 0 ? `${name} (${written.join(', ')})` : name;
}

/** What a command asks for: "Power → On", "Identify", "Open (30 s)". */
export function describeCommand(command: Command, description: Description | undefined): string {
  if (command.op !== undefined) return describeAction(command.op, command.args, description);
  return [...command.want]
    .map(([pid, value]) => {
      const property = description?.props.find((candidate) => candidate.pid === pid);
      return property
        ? text.commands.assignment(propertyLabel(property), formatWithUnit(property, value))
        : text.commands.assignment(text.commands.property(pid), formatRaw(value));
    })
    .join(', ');
}
