import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { billOfMaterials, type Made } from './bill-of-materials.ts';
import { readLockFile } from './lock-file.ts';
import { buildConsole, inProject } from './project.ts';

/**
 * `npm run sbom [-- file]`: writes what the hub and its console consist of, as CycloneDX JSON. With SOURCE_DATE_EPOCH,
 * one tree gives one file, byte by byte.
 */

const [file = 'switchyard.cdx.json'] = process.argv.slice(2);

const project = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
});
const builtIn = z.array(z.object({ name: z.string(), version: z.string() }));

function made(epoch = process.env['SOURCE_DATE_EPOCH']): Made {
  if (epoch === undefined) return { at: new Date().toISOString(), serial: randomUUID() };
  if (/^\d{1,11}$/.test(epoch)) return { at: new Date(Number(epoch) * 1_000).toISOString() };
  process.stderr.write(`switchyard: SOURCE_DATE_EPOCH must be a number of seconds, and is "${epoch}"\n`);
  process.exit(1);
}

const json = (path: string): unknown => JSON.parse(readFileSync(inProject(path), 'utf8'));

const time = made();
if ((await buildConsole()) !== 0) process.exit(1);
const bill = billOfMaterials(
  readLockFile(),
  project.parse(json('package.json')),
  builtIn.parse(json('console/dist/licenses.json')),
  time,
);
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
process.stdout.write(`${file}: ${bill.components.length} components\n`);
