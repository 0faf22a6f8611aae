import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS, type Message } from '#firmware-protocol';
import { KEYS } from '../../../firmware-protocol/keys.ts';
import { fromHex, MESSAGES, toHex } from './vector-files.ts';

const PROTOCOL = join(import.meta.dirname, '../../../firmware-protocol');
const spec = readFileSync(join(PROTOCOL, 'SPEC.md'), 'utf8');
const cddl = readFileSync(join(PROTOCOL, 'switchyard.cddl'), 'utf8');

/** The text of a clause, such as `15.1`. */
const clause = (number: string): string =>
  new RegExp(String.raw`^\*\*${number.replace('.', String.raw`\.`)}\*\* (.+)$`, 'm').exec(spec)?.[1] ?? '';

interface Row {
  readonly key: number;
  readonly name: string;
  readonly optional: boolean;
}

/** The tables of fields in a piece of the document, in order. */
function fieldTables(text: string): Row[][] {
  return text
    .split(/^\| key +\| field +\| type.*\n.*\n/m)
    .slice(1)
    .map((table) =>
      [
        ...table
          .split('\n\n', 1)
          .join()
          .matchAll(/^\| (\d+) +\| (\w+) +\| ([^|]*)\|/gm),
      ].map(([, key, name, type]) => ({
        key: Number(key),
        name: String(name),
        optional: /, optional\b/.test(String(type)) || /^values, optional/.test(String(type)),
      })),
    );
}

/** The section of a message: `### 6.4 tele`. */
function section(name: string): string {
  const [, body = ''] = new RegExp(String.raw`^### 6\.\d+ ${name}$([\s\S]*?)(?=^##)`, 'm').exec(spec) ?? [];
  return body;
}

/** Names of a rule's members in the CDDL, groups that it includes resolved, each with whether it may be absent. */
function members(rule: string): Map<string, boolean> {
  const body = new RegExp(String.raw`^${rule} = [{(]\n([\s\S]*?)^[})]$`, 'm').exec(cddl)?.[1] ?? '';
  const found = new Map<string, boolean>();
  for (const line of body.split('\n')) {
    const code = line.replace(/;.*$/, '');
    const either = code.includes('//');
    for (const [, optional, name] of code.matchAll(/(\?\s*)?\b([a-z]+)\s*\^?\s*=>/g)) {
      if (name !== 'ext') found.set(String(name), optional !== undefined || either);
    }
    for (const [group] of code.matchAll(/\b(order|request|at-once|may-wait)\b/g)) {
      for (const [name, optional] of members(group)) found.set(name, optional || found.get(name) === true);
    }
  }
  return found;
}

const RECORDS: readonly [title: string, text: string, table: number, rule: string][] = [
  ...[...MESSAGES.keys()].map((name) => [name, section(name), 0, name.replace('/', '-')] as const),
  ['a property', section('desc'), 1, 'prop'] as const,
  ['an action', section('desc'), 2, 'action'] as const,
  ['a device of a feed', section('ev/fleet'), 1, 'device'] as const,
  ['a command of a feed', section('ev/cmd'), 1, 'command'] as const,
  ['a batch of a feed', section('ev/batch'), 1, 'batch-step'] as const,
].map((row) => [...row]);

describe('the tables of fields', () => {
  test.each(RECORDS)('of %s say the same as the CDDL', (_title, text, table, rule) => {
    const rows = fieldTables(text)[table] ?? [];
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ key, name }) => [name, key])).toEqual(
      rows.map(({ name }) => [name, KEYS[name as keyof typeof KEYS]]),
    );
    expect(rows.map(({ key }) => key)).toEqual(rows.map(({ key }) => key).sort((a, b) => a - b));
    expect(new Map(rows.map(({ name, optional }) => [name, optional]))).toEqual(members(rule));
  });
});

describe('the examples', () => {
  const examples = [...spec.matchAll(/^```hex (\S+)\n([\s\S]*?)^```$/gm)].map(([, type, lines]) => ({
    type: String(type),
    hex: String(lines).replaceAll(/#.*$/gm, '').replaceAll(/\s/g, ''),
  }));

  test('are there for every message that is sent by itself', () => {
    const shown = new Set(examples.map(({ type }) => type));
    expect([...MESSAGES.keys()].filter((name) => !shown.has(name))).toEqual(['manifest']);
  });

  test.each(examples)('$type $hex is what it says', ({ type, hex }) => {
    const message = MESSAGES.get(type) as Message<unknown>;
    expect(toHex(message.encode(message.decode(fromHex(hex))))).toBe(hex);
  });

  test('telemetry with five readings has at most 40 bytes', () => {
    const five = examples.find(({ type }) => type === 'tele')?.hex ?? '';
    expect(MESSAGES.get('tele')?.decode(fromHex(five))).toMatchObject({ vals: { size: 5 } });
    expect(five.length / 2).toBeLessThanOrEqual(40);
  });
});

test('the key registry is that of the code', () => {
  const [, registry = ''] = /^\*\*16\.3\*\*[\s\S]*?\n\n([\s\S]*?)\n\n/m.exec(spec) ?? [];
  const rows = [...registry.matchAll(/(\d+) +\| (\w+)/g)].map(([, key, name]) => [name, Number(key)]);
  expect(Object.fromEntries(rows)).toEqual(KEYS);
});

test('every clause that the code cites is there', () => {
  const sources = globSync(['**/*.ts', 'c/**/*.{c,h}', '../broker/**/*.ts', '../device-sim/**/*.ts'], {
    cwd: PROTOCOL,
  })
    // There, such numbers are versions of HTTP.
    .filter((path) => !path.includes(join('broker', 'links')))
    .map((path) => readFileSync(join(PROTOCOL, path), 'utf8'));
  const cited = sources.flatMap((source) => [
    ...[...source.matchAll(/'(\d{1,2}\.\d{1,2})'/g)].map(([, number]) => number),
    ...[...source.matchAll(/SPEC\.md,? (\d{1,2}\.\d{1,2})/g)].map(([, number]) => number),
  ]);
  expect(cited.length).toBeGreaterThan(20);
  const missing = cited.filter(
    (number) => clause(String(number)) === '' && !new RegExp(`^### ${number} `, 'm').test(spec),
  );
  expect(missing).toEqual([]);
});

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

test.each<[string, readonly number[]]>([
  ['15.1', [LIMITS.descBytes, LIMITS.blockPayloadBytes, LIMITS.feedBytes, LIMITS.payloadBytes]],
  ['15.2', [LIMITS.descItems, LIMITS.feedItems, LIMITS.items]],
  ['15.4', [LIMITS.depth, LIMITS.vals, LIMITS.batch, LIMITS.textBytes, LIMITS.tags]],
  ['15.4', [LIMITS.commandLifeMs / SECOND, LIMITS.commandWaitMs / DAY]],
  ['4.9', [LIMITS.depth]],
  ['5.7', [LIMITS.textBytes]],
  ['5.8', [LIMITS.vals]],
])('clause %s has the limits of the code', (number, limits) => {
  const numbers = clause(number).match(/\d+/g)?.map(Number) ?? [];
  for (const limit of limits) expect(numbers).toContain(limit);
});
