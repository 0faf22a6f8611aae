import { describe, expect, test } from 'vitest';
import { COMMAND } from '#firmware-protocol';
import { createCommand, type Command } from '#broker/fleet/commands/command.ts';
import { nextToSend, overtakenBy } from '#broker/fleet/commands/queue.ts';
import { asker, hex, id8, requestOn, START, values, type RequestFields } from '../builders.ts';

const { accepted, progress, sent } = COMMAND;
const command = (last: number, st: number = COMMAND.created, fields: RequestFields = {}): Command => ({
  ...createCommand(asker(last), requestOn(last, fields), START),
  st,
});
const held = (last: number): Command => createCommand(asker(last), requestOn(last), START, false);

describe('next to be sent', () => {
  const next = (...commands: Command[]) => nextToSend(commands)?.id;
  const id = (last: number) => hex(id8(last));

  test('is the one that was asked for first', () => {
    expect(next(command(1), command(2))).toBe(id(1));
    expect(next()).toBeUndefined();
  });

  test('is none while one is out and unanswered, wherever it stands', () => {
    expect(next(command(1, sent), command(2))).toBeUndefined();
    expect(next(command(1), command(2, sent))).toBeUndefined();
  });

  test.each([accepted, progress])('is the next one when those before were answered with %i', (st) => {
    expect(next(command(1, st), command(2, st), command(3))).toBe(id(3));
  });

  test('is not one of a batch before its turn', () => {
    expect(next(held(1), command(2))).toBe(id(2));
    expect(next(held(1))).toBeUndefined();
  });
});

describe('a newer command overtakes', () => {
  const write = (last: number, entries: Record<number, boolean | number>, st?: number) =>
    command(last, st, { vals: values(entries) });
  const overtaken = (newer: Command, ...older: Command[]) =>
    overtakenBy(newer, [...older, newer]).map(({ id }) => Number.parseInt(id, 16));

  test('those that write the same, or less, and still wait', () => {
    expect(
      overtaken(write(9, { 1: true, 2: 5 }), write(1, { 1: false }), write(2, { 1: true, 2: 0 })),
    ).toEqual([1, 2]);
  });

  test('none that write something else as well', () => {
    expect(overtaken(write(9, { 1: true }), write(1, { 1: false, 2: 5 }), write(2, { 2: 5 }))).toEqual([]);
  });

  test.each([sent, accepted, progress])('none that was sent (%i)', (st) => {
    expect(overtaken(write(9, { 1: true }), write(1, { 1: false }, st))).toEqual([]);
  });

  test('none that runs an action, nor does an action overtake', () => {
    const action = (last: number) => command(last, COMMAND.created, { vals: undefined, op: 9 });
    expect(overtaken(write(9, { 1: true }), action(1))).toEqual([]);
    expect(overtaken(action(9), action(1), write(2, { 1: true }))).toEqual([]);
  });
});
