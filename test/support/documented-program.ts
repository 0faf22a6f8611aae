import { readFileSync } from 'node:fs';
import { Program, type ProgramText } from './program.ts';

/** The block of code in a document that begins so. */
export function block(document: string, firstLine: string): string {
  const found = readFileSync(document, 'utf8')
    .split(/^```/m)
    .map((part) => part.replace(/^\w+\n/, ''))
    .find((part) => part.startsWith(firstLine));
  if (found === undefined) throw new Error(`${document} has no block that begins with "${firstLine}"`);
  return found;
}

export interface ProgramSource extends Omit<ProgramText, 'code'> {
  readonly document: string;
  /** How its block begins. */
  readonly firstLine: string;
}

/** A program as it stands in a document. */
export class DocumentedProgram extends Program {
  constructor({ document, firstLine, ...rest }: ProgramSource) {
    super({ ...rest, code: block(document, firstLine) });
  }
}
