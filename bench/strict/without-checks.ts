import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded by a hub (`node --import`), it takes out what costs are measured of: each of these modules is replaced by one
 * that does without.
 */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  'broker/links/reader/packet-reader.ts': 'packet-cutting-reader.ts',
  'broker/links/rates/pace.ts': 'no-pace.ts',
};

const missing = new Map(
  Object.entries(REPLACEMENTS).map(([path, by]) => [
    new URL(`../../${path}`, import.meta.url).href,
    new URL(by, import.meta.url).href,
  ]),
);
const replaced = new Map(missing);

for (const url of replaced.keys()) {
  if (!existsSync(new URL(url)))
    throw new Error(`there is no ${url} to be replaced: look at ${import.meta.filename}`);
}

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const by = replaced.get(found.url);
    if (by === undefined) return found;
    missing.delete(found.url);
    return { ...found, url: by };
  },
});

// A hub that has no use for one of them any more would be compared with itself.
if (isMainThread) {
  process.on('exit', () => {
    if (missing.size === 0) return;
    process.stderr.write(`not replaced, since nothing imports it: ${[...missing.keys()].join(', ')}\n`);
    process.exitCode = 1;
  });
}
