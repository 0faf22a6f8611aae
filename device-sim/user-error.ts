/** Something that whoever started the simulator can put right. The message says what, where and what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: number;

  /** @param exitCode 2 for what was given wrongly, 1 for what turned out while running */
  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Why a file could not be read, in words. */
export function fileProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return `it cannot be read (${code ?? String(error)})`;
  }
}
