#!/usr/bin/env node
import { parseOptions } from './options.ts';
import { simulate } from './simulate.ts';
import { UserError } from './user-error.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  if (options !== undefined) await simulate(options, say);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
