import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inProject } from '../../scripts/project.ts';
import { PYTHON } from '../../scripts/system-packages.ts';
import { PAHO } from '../clients/paho-browser/make.ts';
import { PageServer } from '../clients/paho-browser/page-server.ts';
import { openBrowser } from '../support/browser.ts';
import { block, DocumentedProgram } from '../support/documented-program.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { makeService } from '../support/service.ts';

const GUIDE = 'docs/clients.md';
const SAID = 'plant/hello hello';
const run = promisify(execFile);

let hub: TestHub;
let pages: PageServer;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  pages = await PageServer.start({ 'plant.html': block(GUIDE, '<!-- plant.html'), 'paho-mqtt.js': PAHO });
  hub = await startTestHub((settings) => ({ ...settings, origins: [pages.origin] }));
  folder = mkdtempSync(join(tmpdir(), 'switchyard-guide-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, hub.ca);
  const { password = '' } = await makeService(hub, 'plant', { publish: ['plant/#'], subscribe: ['plant/#'] });
  env = {
    TOKEN: password.toString(),
    HUB_URL: hub.wss,
    HUB_PORT: new URL(hub.wss).port,
    HUB_CA: ca,
    NODE_EXTRA_CA_CERTS: ca,
    PATH: `${inProject('node_modules', '.bin')}:${process.env['PATH']}`,
  };
});
afterAll(async () => {
  await hub.close();
  await pages.close();
  rmSync(folder, { recursive: true });
});

describe('a program of the guide gets what it publishes, as it stands there:', () => {
  test.each([
    ['paho-mqtt for Python', '# plant.py', 'plant.py', PYTHON],
    ["MQTT.js's command", '# plant.sh', 'plant.sh', 'sh'],
    ['u8-mqtt', '// plant.mjs', 'plant.mjs', process.execPath],
  ])('%s', async (_client, firstLine, file, command) => {
    const program = new DocumentedProgram({ document: GUIDE, firstLine, file, command });
    program.start(env);
    await program.printed(new RegExp(`^${SAID}$`));
    await program.remove();
  });

  test('Paho C', async () => {
    const [source, program] = [join(folder, 'plant.c'), join(folder, 'plant')];
    writeFileSync(source, block(GUIDE, '/* plant.c'));
    await run('cc', ['-Wall', '-Wextra', '-Werror', source, '-o', program, '-lpaho-mqtt3cs']);
    const { stdout } = await run(program, { env: { ...process.env, ...env } });
    expect(stdout).toBe(`${SAID}\n`);
  });

  test('paho-mqtt for browsers', async () => {
    const browser = await openBrowser(hub.ca);
    const page = await browser.context.newPage();
    const answers = [hub.wss, env['TOKEN']];
    page.on('dialog', (dialog) => void dialog.accept(answers.shift()));
    const said = page.waitForEvent('console', (message) => message.text() === SAID);
    await page.goto(`${pages.origin}/plant.html`);
    await said;
    await browser.close();
  });
});
