import { nameAt, pathOf, type LockEntry, type LockFile } from './lock-file.ts';

/** A component of CycloneDX 1.6. */
interface Component {
  readonly type: 'application' | 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly scope?: 'required' | 'optional';
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses: readonly { readonly license: { readonly id: string } }[];
  readonly cpe?: string;
  readonly purl?: string;
}

/** An SBOM in CycloneDX 1.6 (ECMA-424). */
interface BillOfMaterials {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber?: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp: string;
    readonly lifecycles: readonly [{ readonly phase: 'build' }];
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** What `package.json` says of the project. */
export interface Project {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** A package of which something is built into the console. */
export interface BuiltIn {
  readonly name: string;
  readonly version: string;
}

/** When a bill is made: ISO 8601, and a UUID that no other has, absent where it is to come out the same each time. */
export interface Made {
  readonly at: string;
  readonly serial?: string;
}

/** Packages that are Node itself, whose faults are published under its own name. */
const NODE = /^node(-bin)?-(linux|darwin)-/;

const refOf = (path: string, { version }: LockEntry): string => `${nameAt(path)}@${version}`;

const licenses = (id: string): Component['licenses'] => [{ license: { id } }];

function componentAt(path: string, entry: LockEntry): Component {
  const name = nameAt(path);
  const digest = /^sha512-(.+)$/.exec(entry.integrity ?? '')?.[1];
  if (digest === undefined) throw new Error(`${path} has no SHA-512 in package-lock.json`);
  if (entry.license === undefined) throw new Error(`${path} has no licence in package-lock.json`);
  return {
    type: NODE.test(name) ? 'platform' : 'library',
    'bom-ref': refOf(path, entry),
    name,
    version: entry.version,
    scope: entry.optional ? 'optional' : 'required',
    hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    licenses: licenses(entry.license),
    ...(NODE.test(name) && { cpe: `cpe:2.3:a:nodejs:node.js:${entry.version}:*:*:*:-:*:*:*` }),
    purl: `pkg:npm/${name.replace('@', '%40')}@${entry.version}`,
  };
}

/** What ships, by path: what is installed where development is left out, and what is built into the console. */
function shipped({ packages }: LockFile, builtIn: readonly BuiltIn[]): ReadonlyMap<string, LockEntry> {
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  const built = builtIn.map(({ name, version }) => {
    const found = installed.find(([path, entry]) => nameAt(path) === name && entry.version === version);
    if (found === undefined)
      throw new Error(`${name} ${version} is in the console, not in package-lock.json`);
    return found;
  });
  return new Map([...installed.filter(([, { dev }]) => !dev), ...built]);
}

const inOrder = <T>(byRef: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...byRef].sort(([one], [other]) => (one < other ? -1 : 1));

/** What the hub and its console consist of, and what depends on what. Copies of one version are one component. */
export function billOfMaterials(
  lock: LockFile,
  { name, version, description, license }: Project,
  builtIn: readonly BuiltIn[],
  { at, serial }: Made,
): BillOfMaterials {
  const ships = shipped(lock, builtIn);
  const root = `${name}@${version}`;
  const components = new Map<string, Component>();
  const dependsOn = new Map([[root, new Set<string>()]]);

  function connect(ref: string, path: string, entry: LockEntry): void {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = entry;
    const asked = { ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies };
    for (const other of Object.keys(asked)) {
      const found = pathOf(lock, other, path);
      const target = found === undefined ? undefined : ships.get(found);
      if (found !== undefined && target !== undefined) dependsOn.get(ref)?.add(refOf(found, target));
    }
  }

  const project = lock.packages[''];
  if (project !== undefined) connect(root, '', project);
  for (const [path, entry] of ships) {
    const ref = refOf(path, entry);
    // Where one copy is needed, the component is.
    if (components.get(ref)?.scope !== 'required') components.set(ref, componentAt(path, entry));
    if (!dependsOn.has(ref)) dependsOn.set(ref, new Set());
    connect(ref, path, entry);
  }

  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    ...(serial !== undefined && { serialNumber: `urn:uuid:${serial}` }),
    version: 1,
    metadata: {
      timestamp: at,
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': root,
        name,
        version,
        description,
        licenses: licenses(license),
      },
    },
    components: inOrder(components).map(([, component]) => component),
    dependencies: inOrder(dependsOn).map(([ref, others]) => ({ ref, dependsOn: [...others].sort() })),
  };
}
