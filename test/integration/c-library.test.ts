import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CBuild } from '../support/c-build.ts';
import { runTap } from '../support/c-tap.ts';

/** What encoders and decoders may take of a microcontroller's flash, as x86-64 code, in bytes. */
const MOST_BYTES = 12 * 1024;

const folder = join(import.meta.dirname, '../../firmware-protocol/vectors');
const files = globSync('*.json', { cwd: folder }).sort();

const build = await CBuild.configure('c-library', 'SWITCHYARD_TESTS');
await build.build('vectors');
await build.build('rules');
const byFile = new Map<string, Awaited<ReturnType<typeof runTap>>>();
for (const file of files) byFile.set(file, await runTap(build.program('test/vectors'), join(folder, file)));
const rules = await runTap(build.program('test/rules'));

const espIdf = await CBuild.configureEspIdf('esp-idf');
await espIdf.build('presses');
const presses = await runTap(espIdf.program('presses'));

describe.each([...byFile])('the C library and the golden vectors in %s', (_file, points) => {
  test.each(points)('$name', ({ passed }) => expect(passed).toBe(true));
});

describe('the C library', () => {
  test.each(rules)('$name', ({ passed }) => expect(passed).toBe(true));

  test('is small enough for a microcontroller', async () => {
    const said = await build.build('size');
    const bytes = Number(/encoders and decoders: (\d+) bytes/.exec(said)?.[1]);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  });
});

describe('the button of the ESP-IDF example', () => {
  test.each(presses)('$name', ({ passed }) => expect(passed).toBe(true));
});
