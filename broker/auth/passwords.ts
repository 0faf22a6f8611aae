import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Turns } from './turns.ts';

/** scrypt (RFC 7914) as OWASP's Password Storage Cheat Sheet has it, at 32 MiB: log2 N, r and p. */
const COST = { ln: 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Passwords that are looked at in one moment, and that may wait: what a flood of sign-ins costs is bounded. */
const AT_ONCE = 2;
const WAITING = 64;

const turns = new Turns(AT_ONCE, WAITING);

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

const derive = (password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> =>
  turns.take(
    () =>
      new Promise((resolve, reject) => {
        const N = 2 ** ln;
        // Characters that look alike are one password, however a keyboard makes them (RFC 8265, section 4.2).
        const options = { N, r, p, maxmem: 256 * N * r };
        scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );

/**
 * The hash of a password with a salt of its own, as `$scrypt$ln=…,r=…,p=…$salt$hash` (the form of PHC).
 * @throws BusyError where too many wait already
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Whether a password is the one that was hashed. Where there is no hash it takes as long, and is not.
 * @throws BusyError where too many wait already
 */
export async function passwordMatches(password: string, stored: string | null | undefined): Promise<boolean> {
  const [, ln, r, p, salt = '', hash = ''] = FORM.exec(stored ?? '') ?? [];
  const known = ln !== undefined;
  const cost = known ? { ln: Number(ln), r: Number(r), p: Number(p) } : COST;
  const shown = await derive(password, known ? Buffer.from(salt, 'base64') : Buffer.alloc(SALT_BYTES), cost);
  const expected = Buffer.from(hash, 'base64');
  return known && expected.length === shown.length && timingSafeEqual(shown, expected);
}

/** Fewest different characters of a password. */
const DIFFERENT = 5;

/** Fewest characters that are left of a password without what anybody would try. */
const OWN = 4;
const TRIED_FIRST = [
  ...['switchyard', 'password', 'passwort', 'letmein', 'iloveyou', 'welcome', 'admin', 'owner', 'home'],
  ...['abcdefghijklmnopqrstuvwxyz', 'abcdefghijkl', 'abcdef', 'qwertyuiop', 'qwertzuiop', 'qwerty', 'qwertz'],
  ...['asdfghjkl', 'asdf', 'zxcvbnm', 'yxcvbnm', '1q2w3e4r', '1qaz2wsx'],
];

/** Why somebody must not choose a password, as a sentence; undefined where they may. Its length is the contract's. */
export function passwordFault(password: string, owner: string): string | undefined {
  if (!password.isWellFormed()) return 'the password has halves of characters';
  const plain = password.toLowerCase();
  if (new Set(plain).size < DIFFERENT) return `use at least ${DIFFERENT} different characters`;
  const given = [owner, ...TRIED_FIRST].filter((word) => word.length >= 4);
  const known = given.reduce((text, word) => text.replaceAll(word, ''), plain);
  const rest = known.replaceAll(/\d/g, '');
  return rest.length < OWN || rest.length < plain.length / 3
    ? 'it is little more than names, runs of keys and digits, which anybody would try'
    : undefined;
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
