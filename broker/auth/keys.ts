import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import * as z from 'zod';
import type { DataFolder } from '../config/data-folder.ts';
import { StartError } from '../config/start-error.ts';

/** Where they are in the data folder. */
export const KEYS_FILE = 'keys.json';

/** How long an access token is good for, in ms, and so for how long a key is needed that signs no longer. */
export const ACCESS_TOKEN_LIFE = 15 * 60_000;

/** How long a key signs, in ms, until the hub makes another by itself. */
const SIGNING_LIFE = 90 * 86_400_000;

const pem = z.string();
/** 32 bytes, base64url. */
const secretsKey = z.base64url().length(43);

const keysFile = z.strictObject({
  /** Ed25519 private keys, PKCS #8, PEM, the newest first. It signs; the others verify what they have signed. */
  tokenKeys: z.array(z.strictObject({ pem, createdAt: z.number() })).min(1),
  secretsKey,
});
type KeysFile = z.infer<typeof keysFile>;

/** What hubs wrote that had one key for ever. */
const firstForm = z.strictObject({ tokenKey: pem, secretsKey });

interface TokenKey {
  readonly kid: string;
  readonly createdAt: number;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

/** The hub's own secrets, which may change while it runs: another process may have them rotated. */
export class HubKeys {
  readonly #folder: DataFolder;
  #tokenKeys: readonly TokenKey[];
  #content: KeysFile;
  #changedAt: string;

  private constructor(
    folder: DataFolder,
    content: KeysFile,
    tokenKeys: readonly TokenKey[],
    changedAt: string,
  ) {
    this.#folder = folder;
    this.#content = content;
    this.#tokenKeys = tokenKeys;
    this.#changedAt = changedAt;
  }

  /**
   * The hub's keys from the data folder, made on the first start.
   * @throws StartError where the file is there but cannot be used
   */
  static async load(folder: DataFolder, now = Date.now()): Promise<HubKeys> {
    if (folder.read(KEYS_FILE) === undefined) {
      write(folder, { tokenKeys: [newTokenKey(now)], secretsKey: randomBytes(32).toString('base64url') });
    }
    // Before it is read: what is written meanwhile is taken up by `reload`.
    const changedAt = folder.changedAt(KEYS_FILE);
    const stored = folder.read(KEYS_FILE) ?? '';
    try {
      const content = parseKeys(stored);
      return new HubKeys(folder, content, await tokenKeysOf(content), changedAt);
    } catch {
      throw new StartError(
        `${folder.file(KEYS_FILE)} is damaged`,
        'restore it from a backup; without it every device needs a new secret',
      );
    }
  }

  /** Keys the hashes of secrets. */
  get secretsKey(): Buffer {
    return Buffer.from(this.#content.secretsKey, 'base64url');
  }

  /** What signs access tokens now. */
  get signing(): Pick<TokenKey, 'kid' | 'privateKey'> {
    return this.#tokenKeys[0] as TokenKey;
  }

  /** What verifies tokens that name this key, while there may be such tokens. */
  verifying(kid: string | undefined, now: number): KeyObject | undefined {
    return this.#inForce(now).find((key) => key.kid === kid)?.publicKey;
  }

  /** The public keys as a JWK Set (RFC 7517). */
  jwks(now: number): { keys: JWK[] } {
    return { keys: this.#inForce(now).map(({ jwk }) => jwk) };
  }

  /**
   * Takes up what another process has written.
   * @returns whether what was signed until now is good no longer
   * @throws where it cannot be read; the keys are as they were then, and the next call tries again
   */
  async reload(): Promise<boolean> {
    const changedAt = this.#folder.changedAt(KEYS_FILE);
    if (changedAt === this.#changedAt) return false;
    const content = parseKeys(this.#folder.read(KEYS_FILE) ?? '');
    const before = this.signing.kid;
    this.#tokenKeys = await tokenKeysOf(content);
    this.#content = content;
    this.#changedAt = changedAt;
    return !this.#tokenKeys.some(({ kid }) => kid === before);
  }

  /**
   * Has another key sign from now on.
   * @param atOnce whether tokens that were signed before are good no longer, as after a theft
   */
  async rotate(now: number, { atOnce = false } = {}): Promise<void> {
    const kept = atOnce ? [] : this.#inForce(now).map(({ createdAt }) => createdAt);
    const old = this.#content.tokenKeys.filter(({ createdAt }) => kept.includes(createdAt));
    const content = { ...this.#content, tokenKeys: [newTokenKey(now), ...old] };
    const tokenKeys = await tokenKeysOf(content);
    write(this.#folder, content);
    this.#content = content;
    this.#tokenKeys = tokenKeys;
    this.#changedAt = this.#folder.changedAt(KEYS_FILE);
  }

  /** Whether the key that signs has done so for long enough, or was made while the clock was wrong. */
  isOld(now: number): boolean {
    const createdAt = this.#tokenKeys[0]?.createdAt ?? 0;
    return createdAt > now || createdAt + SIGNING_LIFE < now;
  }

  #inForce(now: number): readonly TokenKey[] {
    // When the next key was replaced: no later than now, nor than any that is newer was made, whatever a clock said.
    let until = now;
    return this.#tokenKeys.filter(({ createdAt }, at) => {
      const isInForce = at === 0 || now < until + ACCESS_TOKEN_LIFE;
      until = Math.min(until, createdAt);
      return isInForce;
    });
  }
}

/** Reads what is in the file. @throws where it is not what the hub writes */
export function parseKeys(stored: string): KeysFile {
  const written: unknown = JSON.parse(stored);
  const first = firstForm.safeParse(written);
  const content = first.success
    ? {
        tokenKeys: [{ pem: first.data.tokenKey, createdAt: 0 }],
        secretsKey: first.data.secretsKey,
      }
    : keysFile.parse(written);
  for (const key of content.tokenKeys) createPrivateKey(key.pem);
  return content;
}

const tokenKeysOf = ({ tokenKeys }: KeysFile): Promise<TokenKey[]> =>
  Promise.all(
    tokenKeys.map(async ({ pem: written, createdAt }) => {
      const privateKey = createPrivateKey(written);
      const publicKey = createPublicKey(privateKey);
      const jwk = await exportJWK(publicKey);
      const kid = await calculateJwkThumbprint(jwk);
      return { kid, createdAt, privateKey, publicKey, jwk: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } };
    }),
  );

function newTokenKey(createdAt: number): KeysFile['tokenKeys'][number] {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, createdAt };
}

const write = (folder: DataFolder, content: KeysFile): void =>
  folder.write(KEYS_FILE, `${JSON.stringify(content)}\n`, { secret: true });
