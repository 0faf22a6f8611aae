import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

const eslint = new ESLint();

/** What the lint rules say of one import, if it stood in that file. */
async function complaints(file: string, imported: string): Promise<string[]> {
  const [result] = await eslint.lintText(`import '${imported}';\n`, { filePath: file });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId ?? 'unparsed');
}

describe('arrows between folders point one way', () => {
  test.each([
    ['firmware-protocol/topics.ts', '../broker/contract/session.ts'],
    ['device-sim/main.ts', '../broker/config/settings.ts'],
    ['device-sim/main.ts', '../console/main.ts'],
    ['console/main.ts', '../broker/fleet/devices/twin.ts'],
    ['broker/mqtt/broker.ts', '../http/app.ts'],
    ['broker/http/app.ts', '../mqtt/broker.ts'],
    ['broker/fleet/fleet.ts', '../mqtt/broker.ts'],
    ['broker/fleet/fleet.ts', '../links/link.ts'],
    ['broker/store/store.ts', '../auth/keys.ts'],
    ['broker/fleet/fleet.ts', '../hub.ts'],
    ['broker/mqtt/broker.ts', '../commands/serve.ts'],
  ])('%s may not import %s', async (file, imported) => {
    expect(await complaints(file, imported)).toContain('import-x/no-restricted-paths');
  });

  test.each([
    ['firmware-protocol/topics.ts', 'node:fs'],
    ['firmware-protocol/topics.ts', 'ws'],
    ['broker/fleet/fleet.ts', 'aedes'],
    ['broker/http/app.ts', 'ws'],
    ['console/main.ts', 'node:fs'],
    ['device-sim/main.ts', 'aedes'],
  ])('%s may not use the package %s', async (file, imported) => {
    expect(await complaints(file, imported)).toContain('no-restricted-imports');
  });

  test.each([
    ['broker/mqtt/broker.ts', '../fleet/fleet.ts'],
    ['broker/mqtt/broker.ts', 'aedes'],
    ['broker/auth/keys.ts', 'node:crypto'],
    ['console/main.ts', '../broker/contract/session.ts'],
    ['device-sim/main.ts', '#firmware-protocol'],
  ])('%s may import %s', async (file, imported) => {
    expect(await complaints(file, imported)).toEqual([]);
  });
});
