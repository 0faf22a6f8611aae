import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type ProxyOptions } from 'vite';

/** Where `npm run dev` finds the hub. Its Origin check compares with Host, so both must name the hub. */
const HUB = process.env['SWITCHYARD_HUB'] ?? 'http://127.0.0.1:8080';

const toHub: ProxyOptions = { target: HUB, changeOrigin: true, headers: { origin: new URL(HUB).origin } };

/** Smaller files gain less than their second copy costs. Bytes. */
const WORTHWHILE = 1_024;

/** Writes each text asset compressed as well, once and well, for the hub to serve as it stands. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const [fileName, output] of Object.entries(bundle)) {
          if (!/^assets\/.+\.(js|css)$/.test(fileName)) continue;
          const source = Buffer.from(output.type === 'chunk' ? output.code : output.source);
          if (source.length < WORTHWHILE) continue;
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(source) });
          this.emitFile({
            type: 'asset',
            fileName: `${fileName}.gz`,
            source: gzipSync(source, { level: 9 }),
          });
        }
      },
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), precompress()],
  server: { proxy: { '/api': toHub, '/healthz': toHub, '/mqtt': { ...toHub, ws: true } } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The first of each that know light-dark().
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The hub's Content-Security-Policy allows neither data: URLs nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
