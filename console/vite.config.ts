import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig, type ProxyOptions } from 'vite';

/** Where `npm run dev` finds the hub. Its Origin check compares with Host, so both must name the hub. */
const HUB = process.env['SWITCHYARD_HUB'] ?? 'http://127.0.0.1:8080';

const toHub: ProxyOptions = { target: HUB, changeOrigin: true, headers: { origin: new URL(HUB).origin } };

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
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
