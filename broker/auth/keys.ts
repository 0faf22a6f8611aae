import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import * as z from 'zod';
import type { DataFolder } from '../config/data-folder.ts';
import { StartError } from '../config/start-error.ts';

/** Where they are in the data folder. */
export const KEYS_FILE = 'keys.json';

const keysFile = z.strictObject({
  /** Ed25519 private key, PKCS #8, PEM. */
  tokenKey: z.string(),
  /** 32 bytes, base64url. */
  secretsKey: z.base64url().length(43),
});

/** The hub's own secrets. */
export interface HubKeys {
  /** Signs access tokens. */
  readonly tokenPrivate: KeyObject;
  readonly tokenPublic: KeyObject;
  /** Keys the hashes of device secrets. */
  readonly secretsKey: Buffer;
}

/**
 * The hub's keys from the data folder, made on the first start.
 * @throws StartError where the file is there but cannot be used
 */
export function loadKeys(folder: DataFolder): HubKeys {
  const stored = folder.read(KEYS_FILE) ?? create(folder);
  try {
    return parseKeys(stored);
  } catch {
    throw new StartError(
      `${folder.file(KEYS_FILE)} is damaged`,
      'restore it from a backup; without it every device needs a new secret',
    );
  }
}

/** Reads what is in the file. @throws where it is not what the hub writes */
export function parseKeys(stored: string): HubKeys {
  const { tokenKey, secretsKey } = keysFile.parse(JSON.parse(stored));
  const tokenPrivate = createPrivateKey(tokenKey);
  return {
    tokenPrivate,
    tokenPublic: createPublicKey(tokenPrivate),
    secretsKey: Buffer.from(secretsKey, 'base64url'),
  };
}

function create(folder: DataFolder): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const content = JSON.stringify({
    tokenKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    secretsKey: randomBytes(32).toString('base64url'),
  });
  folder.write(KEYS_FILE, `${content}\n`, { secret: true });
  return content;
}
