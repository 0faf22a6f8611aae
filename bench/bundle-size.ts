import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { inProject } from '../scripts/project.ts';

/** Bytes after gzip of all protocol code as a browser would load it: bundled and minified, nothing left out. */
export async function protocolGzipBytes(): Promise<number> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'esnext',
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: inProject('firmware-protocol/index.ts'),
        preserveEntrySignatures: 'strict',
      },
    },
  });
  if (!('output' in built)) throw new Error('vite built several things, or none');
  const code = built.output.map((file) => (file.type === 'chunk' ? file.code : '')).join('');
  return gzipSync(code, { level: 9 }).length;
}
