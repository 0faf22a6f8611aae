import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ToldClaim } from '#broker/contract/claim.ts';
import { claimStanding } from '#console/pages/claims/claim-standing.ts';
import { httpUrl, hubAddress, mqttUrl } from '#console/pages/connect/hub-address.ts';
import { LANGUAGES, program } from '#console/pages/connect/programs.ts';
import { algorithmOf, keyProblem } from '#console/pages/connect/public-key.ts';
import { askLine, provisionLine, subscribeLine } from '#console/pages/connect/shell-lines.ts';
import type { Proof } from '#console/pages/connect/target.ts';

const hub = hubAddress({ hostname: 'hub.example', port: '8443', protocol: 'https:' });
const plain = hubAddress({ hostname: 'localhost', port: '', protocol: 'http:' });

it('a hub is where the console came from, on its port or the usual one', () => {
  expect([mqttUrl(hub), httpUrl(hub)]).toEqual(['wss://hub.example:8443/mqtt', 'https://hub.example:8443']);
  expect([mqttUrl(plain), httpUrl(plain)]).toEqual(['ws://localhost:80/mqtt', 'http://localhost:80']);
  expect(hubAddress({ hostname: 'hub.example', port: '', protocol: 'https:' }).port).toBe(443);
});

describe('a program that is a device', () => {
  const unknown: Proof = { kind: 'secret', secret: undefined };
  const by = (proof: Proof, at = hub) => ({ hub: at, tenant: 'home', device: 'kitchen-lamp', proof });

  it.each(LANGUAGES)('in %s connects where the console came from, as that device', (language) => {
    const code = program(language, by(unknown));
    for (const part of ['hub.example', '8443', 'home', 'kitchen-lamp', 'ca.pem', 'paste the secret here'])
      expect(code).toContain(part);
  });

  it.each(LANGUAGES)('in %s has the secret in it where that is known', (language) => {
    const code = program(language, by({ kind: 'secret', secret: 's3cr3t_-' }));
    expect(code).toContain('s3cr3t_-');
    expect(code).not.toContain('paste');
  });

  it.each(LANGUAGES)('in %s signs with the key beside it, and has no secret', (language) => {
    const code = program(language, by({ kind: 'key', algorithm: 'ES256' }));
    for (const part of ['kitchen-lamp-key.pem', 'ES256', 'switchyard']) expect(code).toContain(part);
    expect(code).not.toContain('paste');
  });

  it('needs no certificate on the plain listener', () => {
    expect(program('Node', by(unknown, plain))).toContain('ws://localhost:80/mqtt');
    for (const language of LANGUAGES) expect(program(language, by(unknown, plain))).not.toContain('ca.pem');
  });
});

describe('a public key that is pasted', () => {
  const pemOf = ({ publicKey, privateKey }: KeyPairKeyObjectResult) => ({
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
  const ed25519 = pemOf(generateKeyPairSync('ed25519'));
  const p256 = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));

  it('is told apart from what else is PEM, and most of all from the private one', () => {
    expect(keyProblem(`\n${ed25519.publicKey}  `)).toBeUndefined();
    expect(keyProblem(p256.publicKey)).toBeUndefined();
    expect(keyProblem(ed25519.privateKey)).toBe('private');
    expect(keyProblem(`${p256.publicKey}${p256.privateKey}`)).toBe('private');
    expect(keyProblem('-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----')).toBe('certificate');
    for (const pasted of ['', 'ssh-ed25519 AAAA', ed25519.publicKey.slice(0, -10)])
      expect(keyProblem(pasted)).toBe('noPem');
  });

  it('says with which algorithm its device signs', () => {
    expect(algorithmOf(ed25519.publicKey)).toBe('EdDSA');
    expect(algorithmOf(p256.publicKey)).toBe('ES256');
  });
});

describe('a line for a shell', () => {
  /** The words that a shell makes of it. */
  function words(line: string): string[] {
    const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
    return stdout.trimEnd().split('\n');
  }

  it('listens to a filter, whatever its characters mean to a shell', () => {
    const asked = words(subscribeLine(hub, 'node-red', 'swy.node-red.x', "it's/$HOME/#"));
    expect(asked.slice(0, 4)).toEqual(['npx', 'mqtt', 'subscribe', '-v']);
    for (const [flag, value] of [
      ['-l', 'wss'],
      ['-h', 'hub.example'],
      ['-p', '8443'],
      ['--path', '/mqtt'],
      ['--ca', 'ca.pem'],
      ['-u', '@node-red'],
      ['-P', 'swy.node-red.x'],
      ['-t', "it's/$HOME/#"],
    ] as const)
      expect(asked[asked.indexOf(flag) + 1]).toBe(value);
    expect(subscribeLine(plain, 'a', 't', 'x')).not.toContain('ca.pem');
  });

  it('asks the API', () => {
    const asked = words(askLine(hub, 'swy.a.b'));
    expect(asked).toContain('Authorization: Bearer swy.a.b');
    expect(asked.at(-1)).toBe('https://hub.example:8443/api/devices');
  });

  it('registers a device, of the model that the claim is for', () => {
    const body = (model?: string): unknown =>
      JSON.parse(words(provisionLine(hub, 'swc.a.b', 'my-lamp', model)).at(-1) ?? '');
    expect(body()).toEqual({ id: 'my-lamp' });
    expect(body('Bob’s "best" lamp, it\'s')).toEqual({ id: 'my-lamp', model: 'Bob’s "best" lamp, it\'s' });
  });
});

it.each([
  [{ left: 1, expiresAt: 1_001 }, 'open'],
  [{ left: 0, expiresAt: 1_001 }, 'usedUp'],
  [{ left: 1, expiresAt: 1_000 }, 'expired'],
] as const)('a claim with %j is %s', (fields, standing) => {
  expect(claimStanding(fields as ToldClaim, 1_000)).toBe(standing);
});
