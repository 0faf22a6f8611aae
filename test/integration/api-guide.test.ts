import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STATUS } from '#firmware-protocol';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';
import { TestSimulator } from '../support/simulator.ts';

let hub: TestHub;
let simulator: TestSimulator;

beforeAll(async () => {
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [
    { id: 'hall-lamp', kind: 'lamp' },
    { id: 'desk-lamp', kind: 'lamp' },
  ]);
  const operator = await TestOperator.connect(hub);
  for (const id of ['hall-lamp', 'desk-lamp']) {
    await operator.untilDevice(id, ({ st, dhash, vals }) => st === STATUS.online && !!dhash && !!vals?.size);
  }
  await operator.client.end();
});

afterAll(async () => {
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

/** All blocks of commands of a document, one after the other. */
const commandsOf = (document: string): string =>
  [...readFileSync(document, 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block).join('\n');

/** curl as people have it, except that a refusal ends the script. */
const PRELUDE = 'set -euo pipefail; curl() { command curl -sS --fail-with-body "$@"; echo; }\n';

test.each([['docs/api.md'], ['docs/batches.md']])(
  'the commands of %s work as they stand',
  async (document) => {
    const setUp = commandsOf('docs/api.md').split('\n\n')[0] ?? '';
    const script = PRELUDE + (document === 'docs/api.md' ? '' : `${setUp}\n`) + commandsOf(document);
    const environment = {
      ...process.env,
      HUB: `http://localhost:${hub.hub.httpPort}`,
      TOKEN: await hub.token(),
    };
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env: environment });
    const asked = script.split('\n').filter((line) => line.startsWith('curl ')).length;
    expect(asked).toBeGreaterThan(5);
    expect(stdout).not.toContain('"error"');
  },
);
