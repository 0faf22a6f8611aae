import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Option } from 'commander';
import { auditFile } from '../../http/audit-export.ts';
import { FORMATS, rangeOf, type Format } from '../../http/history-parameters.ts';
import type { Line } from './line.ts';
import { ago } from './options.ts';
import { harmless } from './output.ts';

interface Flags {
  readonly from?: number;
  readonly to?: number;
  readonly format: Format;
}

/** `audit`: who did what from where. */
export function auditCommand({ program, onStore }: Line): void {
  program
    .command('audit')
    .description('print who did what from where, the first first')
    .option('--from <when>', 'since when: "7d" for days ago, "12h", or a date (default: a day)', ago)
    .option('--to <when>', 'until when (default: now)', ago)
    .addOption(new Option('--format <format>', 'how it is written').choices(FORMATS).default(FORMATS[0]))
    .action(({ format, ...span }: Flags) =>
      onStore(({ store }, now) => {
        const range = rangeOf((name) => span[name as keyof typeof span]?.toString(), now);
        return pour(auditFile(store, range, format).content as ReadableStream<Uint8Array>);
      }),
    );
}

/** Writes a stream to stdout as fast as that takes it, until either ends. */
async function pour(content: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  await pipeline(
    Readable.fromWeb(content),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) yield harmless(decoder.decode(chunk, { stream: true }));
    },
    process.stdout,
    { end: false },
  );
}
