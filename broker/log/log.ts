import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { LogLimit } from './limited.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** The hub's log: one line an event, for people on a terminal and as JSON elsewhere. */
export interface Log {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
  error(line: string, cause?: unknown): void;
  /** A warning of a kind that a client can cause at will: at most ten a minute are written. */
  warnLimited(kind: string, line: string): void;
}

export function createLog(level: LogLevel, output: NodeJS.WriteStream = process.stdout): Log {
  const logger: Logger = pino(
    { level, base: null },
    output.isTTY
      ? pretty({ translateTime: 'HH:MM:ss', ignore: 'pid,hostname', destination: output, sync: true })
      : output,
  );
  const limit = new LogLimit();
  return {
    debug: (line) => logger.debug(line),
    info: (line) => logger.info(line),
    warn: (line) => logger.warn(line),
    error: (line, cause) => (cause === undefined ? logger.error(line) : logger.error({ err: cause }, line)),
    warnLimited: (kind, line) => {
      const { write, held } = limit.admit(kind, Date.now());
      if (write) logger.warn(held > 0 ? `${line} (and ${held} more like it before)` : line);
    },
  };
}
