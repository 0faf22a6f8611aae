import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { COMMAND, STATUS } from '#firmware-protocol';
import { PYTHON } from '../../scripts/system-packages.ts';
import { DocumentedProgram } from '../support/documented-program.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';

let hub: TestHub;
let lamp: DocumentedProgram;

beforeAll(async () => {
  hub = await startTestHub();
});
afterEach(async () => {
  await lamp.remove();
  await hub.removeDevice('my-lamp');
});
afterAll(() => hub.close());

test.each([
  ['Node', '// lamp.mjs', 'lamp.mjs', process.execPath],
  ['Python', '# lamp.py', 'lamp.py', PYTHON],
])(
  'the lamp in %s, as it stands in the README, connects and is switched',
  async (_language, firstLine, file, command) => {
    lamp = new DocumentedProgram({ document: 'README.md', firstLine, file, command });
    const ca = join(lamp.folder, 'ca.pem');
    writeFileSync(ca, hub.ca);
    const secrets = await hub.addDevices({ id: 'my-lamp' });
    lamp.start({ HUB_URL: hub.wss, HUB_CA: ca, SECRET: secrets.get('my-lamp') });
    const operator = await TestOperator.connect(hub);
    const before = await operator.untilDevice(
      'my-lamp',
      ({ st, vals, dhash }) => st === STATUS.online && !!dhash && vals?.get(1) === false,
    );
    const next = ((before.ver ?? NaN) + 1) % 2 ** 32;

    const id = new Uint8Array([1, 1, 2, 3, 5, 8, 13, file.length]);
    await operator.command('my-lamp', { id, vals: new Map([[1, true]]), ttl: 5_000 });
    expect((await operator.untilCommand(id, COMMAND.done)).vals?.get(1)).toBe(true);
    await operator.untilDevice('my-lamp', ({ vals, ver }) => vals?.get(1) === true && ver === next);

    await lamp.end('SIGKILL');
    await operator.untilDevice('my-lamp', ({ st }) => st === STATUS.lost);
    await operator.client.end();
  },
);
