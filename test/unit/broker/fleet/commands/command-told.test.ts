import { expect, test } from 'vitest';
import { CODE, COMMAND } from '#firmware-protocol';
import { commandDelta, type Command } from '#broker/fleet/commands/command.ts';
import { fromRecord, toRecord } from '#broker/fleet/commands/command-record.ts';
import { id8, plain, requestOn, sentCommand, START, values } from '../builders.ts';

const told = (fields: Parameters<typeof sentCommand>[0]) => {
  const delta = commandDelta(sentCommand(fields));
  return { ...delta, id: plain(delta.id) };
};
const base = { did: 'lamp', id: id8(1), who: '@ada', st: COMMAND.sent, t: START, exp: START + 10_000 };

test('consoles are told what was asked for', () => {
  expect(told({})).toEqual({ ...base, want: values({ 1: true }) });
});

test('consoles are told an action and its arguments', () => {
  const request = { id: id8(1), op: 9, args: [1, 'two', null], ttl: 10_000 };
  expect(told({ request })).toEqual({ ...base, op: 9, args: [1, 'two', null] });
});

test('consoles are told how it went', () => {
  const how = { st: COMMAND.failed, code: CODE.ok, msg: '', pct: 0, ver: 0 };
  expect(told({ ...how, reported: values({ 1: false }) })).toEqual({
    ...base,
    ...how,
    want: values({ 1: true }),
    vals: values({ 1: false }),
  });
});

// When it was last sent is not stored: a hub that restarts counts from the step before.
test.each([
  ['before it was sent', { st: COMMAND.created, boot: undefined, sentAt: undefined }],
  ['sent', {}],
  ['sent to boot 0', { boot: 0 }],
  ['refused', { st: COMMAND.rejected, code: CODE.ok, msg: '' }],
  ['an action', { request: { id: id8(1), op: 0, args: [1, 'two', false, null], if: 5, ttl: 1 } }],
  ['conditional', { request: requestOn(1, { if: 0 }) }],
])('a command comes back from its record: %s', (_name, fields) => {
  const command = { ...sentCommand(), ...fields } as Command;
  expect(fromRecord(toRecord(command))).toEqual({ ...command, sentAt: undefined });
});
