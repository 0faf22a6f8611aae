import { PYTHON } from '../../scripts/system-packages.ts';
import type { ProgramSource } from './documented-program.ts';

/** What the properties of the guide's device are numbered. */
export const PID = { light: 1, brightness: 2, temperature: 3, period: 4 } as const;

const document = 'docs/bring-your-own-device.md';

/** The guide's device, as often as it is there, by language. */
export const WALL_LAMPS: readonly (readonly [language: string, source: ProgramSource])[] = [
  ['Python', { document, firstLine: '# wall_lamp.py', file: 'wall_lamp.py', command: PYTHON }],
  ['Node', { document, firstLine: '// wall-lamp.mjs', file: 'wall-lamp.mjs', command: process.execPath }],
];
