import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type ProxyOptions } from 'vite';

/** Where `npm run dev` finds the hub. Its Origin check compares with Host, so both must name the hub. */
const HUB = process.env['SWITCHYARD_HUB'] ?? 'http://127.0.0.1:8080';

const toHub: ProxyOptions = { target: HUB, changeOrigin: true, headers: { origin: new URL(HUB).origin } };

/** The console's own modules in `api/` have addresses that begin as those of the hub's API do. */
const notModules: ProxyOptions = {
  ...toHub,
  bypass: ({ url, headers }) => (headers['sec-fetch-dest'] === 'script' ? url : undefined),
};

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

/** MQTT.js as `connect` alone, which speaks MQTT over the WebSocket that browsers have. */
const MQTT_OVER_WEBSOCKET = `
  import { Buffer } from 'buffer';
  import client from 'mqtt/lib/client';
  import { browserStreamBuilder } from 'mqtt/lib/connect/ws';

  // One of its dependencies takes this for granted.
  globalThis.Buffer ??= Buffer;

  const MqttClient = client.default ?? client;
  const connect = (url, given) => {
    const { protocol, hostname, port, pathname } = new URL(url);
    const options = { ...given, protocol: protocol.slice(0, -1), hostname, port, path: pathname };
    return new MqttClient((self) => browserStreamBuilder(self, options), options);
  };
  export default { connect };
`;

/**
 * The bundle that MQTT.js has for browsers holds transports and timers that the console does not use, a third of what
 * it weighs. So it is built from its modules instead, without those that stand for nothing here.
 */
function slimMqtt(): Plugin {
  const modules = new Map([
    ['mqtt', MQTT_OVER_WEBSOCKET],
    ['ws', 'export default {}'],
    ['worker-timers', 'export default {}'],
    ['process-nextick-args', 'export const nextTick = (f, ...args) => queueMicrotask(() => f(...args))'],
  ]);
  return {
    name: 'slim-mqtt',
    // While developing, the whole bundle is as good.
    apply: 'build',
    enforce: 'pre',
    config: () => ({
      resolve: { alias: FOR_BROWSERS },
      define: { global: 'globalThis', process: 'globalThis.process' },
    }),
    resolveId: (id) => (modules.has(id) ? `\0${id}` : undefined),
    load: (id) => (id.startsWith('\0') ? modules.get(id.slice(1)) : undefined),
  };
}

/** Modules as the package of this name sees them, which `from` depends on. */
const within = (from: NodeJS.Require, name: string): NodeJS.Require => createRequire(from.resolve(name));

/** What MQTT.js takes from Node, as packages for browsers that its own streams depend on. */
const streams = within(within(createRequire(import.meta.url), 'mqtt'), 'readable-stream');
const FOR_BROWSERS = ['buffer/', 'events/'].map((name) => ({
  find: name.slice(0, -1),
  replacement: streams.resolve(name),
}));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), precompress(), slimMqtt()],
  server: { proxy: { '/api': notModules, '/healthz': toHub, '/mqtt': { ...toHub, ws: true } } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The first of each that know light-dark().
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The hub's Content-Security-Policy allows neither data: URLs nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Whose code is in it, under which licence: their authors ask for that, and the SBOM is made of it.
    license: { fileName: 'licenses.json' },
  },
});
