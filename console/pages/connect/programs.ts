import { nodeProgram } from './node-program.ts';
import { pythonProgram } from './python-program.ts';
import type { Target } from './target.ts';

/*
 * Whole devices, as short as the protocol allows: a lamp that describes itself, reports its state, and answers
 * commands. Integer keys are those of the protocol's registry.
 */
const PROGRAMS = { Python: pythonProgram, Node: nodeProgram };

export const LANGUAGES = ['Python', 'Node'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A program in a language that is one device. */
export const program = (language: Language, target: Target): string => PROGRAMS[language](target);
