import { COMMAND } from '#firmware-protocol';
import { waits, type Command } from './command.ts';

/**
 * Whose turn it is, of a device's open commands in the order in which they were asked for. One command at a time is
 * out and unanswered: so their order is kept whatever is lost or sent again, and a device that remembers only its
 * last answers still knows the command that is repeated (SPEC.md 11.2, 11.8).
 */
export function nextToSend(commands: Iterable<Command>): Command | undefined {
  let next: Command | undefined;
  for (const command of commands) {
    if (command.st === COMMAND.sent) return undefined;
    if (next === undefined && waits(command) && command.exp !== undefined) next = command;
  }
  return next;
}

/** Those that still wait and write nothing that a newer command does not write as well. */
export function overtakenBy(newer: Command, commands: Iterable<Command>): Command[] {
  const { vals } = newer.request;
  if (!vals) return [];
  return [...commands].filter(
    (older) =>
      older.id !== newer.id &&
      waits(older) &&
      older.request.vals !== undefined &&
      [...older.request.vals.keys()].every((pid) => vals.has(pid)),
  );
}
