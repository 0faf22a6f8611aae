import { runLine } from './commands/line/command-line.ts';

process.exitCode = await runLine(process.argv.slice(2));
