import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

/**
 * Who may import whom: each folder, and what it may reach beside itself. Everything else is refused. In the broker
 * the arrows run main → commands → hub → links, mqtt, http → fleet, permission → auth → store.
 */
const ARROWS = {
  'firmware-protocol': [],
  'device-sim': ['firmware-protocol'],
  console: ['firmware-protocol', 'broker/contract'],
  'broker/contract': [],
  'broker/config': ['firmware-protocol'],
  'broker/log': [],
  'broker/metrics': [],
  'broker/tls': ['broker/config', 'broker/log'],
  'broker/store': ['broker/config', 'broker/contract'],
  'broker/history': ['broker/log'],
  'broker/auth': ['firmware-protocol', 'broker/config', 'broker/contract', 'broker/store'],
  'broker/fleet': ['firmware-protocol', 'broker/contract', 'broker/log', 'broker/store'],
  'broker/permission': ['firmware-protocol', 'broker/auth', 'broker/contract'],
  'broker/links': ['broker/config', 'broker/log', 'broker/tls'],
  'broker/mqtt': [
    'firmware-protocol',
    'broker/auth',
    'broker/fleet',
    'broker/links',
    'broker/log',
    'broker/permission',
    'broker/store',
  ],
  'broker/http': [
    'firmware-protocol',
    'broker/auth',
    'broker/contract',
    'broker/fleet',
    'broker/history',
    'broker/links',
    'broker/log',
    'broker/metrics',
    'broker/permission',
    'broker/store',
  ],
  'broker/commands': ['firmware-protocol', 'broker'],
};

/** Which packages a folder may use. Node's own modules count as `node:`. */
const PACKAGES = {
  'firmware-protocol': [],
  'device-sim': ['node:', 'mqtt-packet', 'ws', 'zod', 'commander'],
  console: ['svelte', 'mqtt', 'uplot', 'zod'],
  'broker/contract': ['zod'],
  'broker/config': ['node:', 'smol-toml', 'zod'],
  'broker/log': ['pino', 'pino-pretty'],
  'broker/metrics': ['node:'],
  'broker/tls': ['node:', '@peculiar/x509', 'reflect-metadata'],
  'broker/store': ['node:'],
  'broker/history': ['node:'],
  'broker/auth': ['node:', 'jose', 'zod'],
  'broker/fleet': ['node:', 'croner'],
  'broker/permission': [],
  'broker/links': ['node:', 'ws', 'websocket-stream'],
  'broker/mqtt': ['node:', 'aedes', 'mqtt-packet'],
  'broker/http': ['node:', 'hono', '@hono/node-server'],
  'broker/commands': ['node:', 'zod', 'commander'],
};

const FOLDERS = Object.keys(ARROWS);
const SOURCES = ['firmware-protocol', 'device-sim', 'console', 'broker', 'test', 'scripts', 'bench'];

const escape = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

function arrowRules(folder) {
  const reachable = [folder, ...ARROWS[folder]];
  const forbidden = [...SOURCES, ...FOLDERS].filter(
    (other) =>
      !reachable.some(
        (allowed) => allowed === other || allowed.startsWith(`${other}/`) || other.startsWith(`${allowed}/`),
      ),
  );
  // The composition root knows everybody, and nobody below it knows the root.
  const root = folder.startsWith('broker/') && folder !== 'broker/commands' ? ['broker/*.ts'] : [];
  const packages = PACKAGES[folder].map((name) => (name === 'node:' ? 'node:' : `${escape(name)}(/|$)`));
  const pattern = String.raw`^(?!\.|#|/${packages.map((name) => `|${name}`).join('')})`;
  return {
    files: [`${folder}/**/*.{ts,svelte}`],
    ignores: ['console/vite.config.ts'],
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: [...forbidden, ...root].map((from) => ({
            target: `./${folder}`,
            from: `./${from}`,
            message: `${folder} may import ${ARROWS[folder].join(', ') || 'no other folder'}.`,
          })),
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: pattern, message: `${folder} may use the packages ${PACKAGES[folder].join(', ')}.` },
          ],
        },
      ],
    },
  };
}

export default defineConfig(
  globalIgnores(['console/dist/', 'data/', 'test/results/', '**/build/']),
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  {
    plugins: { 'import-x': importX },
    languageOptions: { globals: globals.node },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-unresolved': ['error', { ignore: ['^svelte', String.raw`\.svelte$`] }],
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // Its maps and sets are plain on purpose: what is drawn from them is told apart, device by device.
    files: ['console/**'],
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    files: ['console/**/*.svelte'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `VariableDeclarator[init.callee.name="useWorkspace"] Property[key.name=/^(me|role|mayAct)$/]`,
          message: 'It would stay as it was: who is signed in, and as what, may change. Ask the workspace.',
        },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['console/**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] },
    },
  },
  FOLDERS.map(arrowRules),
);
