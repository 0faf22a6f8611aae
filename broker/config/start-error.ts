/** Why the hub cannot start, or a command cannot run: what is wrong, and what the person can do about it. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.remedy = remedy;
  }
}
