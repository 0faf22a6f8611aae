import type { Problem, ProblemCode } from '../contract/problem.ts';

/** The body of a refusal. */
export const problem = (code: ProblemCode, message: string): Problem => ({ error: { code, message } });
