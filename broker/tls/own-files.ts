import type { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { judgePair, type Pair } from './judge-pair.ts';

/** The files of a certificate that the hub is given, as absolute paths. */
export interface OwnFiles {
  /** The certificate, followed by those that issued it. */
  readonly certificate: string;
  readonly key: string;
}

/** What is wrong with which file, and what to do. */
export interface FileFault {
  readonly problem: string;
  readonly remedy: string;
}

export type OwnPair = { readonly pair: Pair; readonly certificate: X509Certificate };

/** The pair in the files, or why it cannot be used. @param now Unix time in ms */
export async function readOwnFiles(
  files: OwnFiles,
  now: number,
): Promise<OwnPair | { readonly fault: FileFault }> {
  const [cert, key] = await Promise.all([contentOf(files.certificate), contentOf(files.key)]);
  if (typeof cert !== 'string') return { fault: cert };
  if (typeof key !== 'string') return { fault: key };
  const pair = { cert, key };
  const judgement = judgePair(pair, now);
  if ('certificate' in judgement) return { pair, ...judgement };
  const { of, problem, remedy } = judgement.fault;
  return { fault: { problem: `${of === 'cert' ? files.certificate : files.key} ${problem}`, remedy } };
}

async function contentOf(file: string): Promise<string | FileFault> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? { problem: `${file} is missing`, remedy: 'put it there, or correct its path in the settings' }
      : { problem: `${file} cannot be read (${code})`, remedy: 'let this user read it' };
  }
}

/**
 * Tells one content of the files from another without reading them. Where a path is a link it is about what is at its
 * end, so that it does not matter whether files are written or links to them are changed.
 */
export async function markOf({ certificate, key }: OwnFiles): Promise<string> {
  const marks = await Promise.all([certificate, key].map(markOfFile));
  return marks.join(' ');
}

async function markOfFile(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
