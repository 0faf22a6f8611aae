import type { AuditRecord, JournalStore } from '../store/journal.ts';
import { csvLine } from './csv.ts';
import type { Format } from './history-parameters.ts';

/** Entries that are read at once. */
const PAGE = 1_000;
const COLUMNS = ['time', 'who', 'from', 'action', 'subject', 'detail'] as const;

/** The audit of a span of time as a file, the first entry first: CSV with a header, or one JSON object a line. */
export function auditFile(
  records: Pick<JournalStore, 'auditPage'>,
  span: { readonly from: number; readonly to: number },
  format: Format,
): { readonly contentType: string; readonly content: ReadableStream<Uint8Array> } {
  const isCsv = format === 'csv';
  const encoder = new TextEncoder();
  const lineOf = isCsv ? asCsv : asJson;
  let after = 0;
  const content = new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (isCsv) controller.enqueue(encoder.encode(csvLine(COLUMNS)));
    },
    // The next page is read when the one before has gone out, so that a slow reader costs no memory.
    pull: async (controller) => {
      const page = await records.auditPage({ ...span, after, limit: PAGE });
      if (page.length > 0) controller.enqueue(encoder.encode(page.map(lineOf).join('')));
      after = page.at(-1)?.row ?? after;
      if (page.length < PAGE) controller.close();
    },
  });
  return {
    contentType: isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
    content,
  };
}

const timeOf = ({ t }: AuditRecord): string => new Date(t).toISOString();

const asCsv = (entry: AuditRecord): string =>
  csvLine([timeOf(entry), entry.who, entry.address, entry.action, entry.subject, entry.detail]);

const asJson = (entry: AuditRecord): string =>
  `${JSON.stringify({
    time: timeOf(entry),
    who: entry.who,
    from: entry.address,
    action: entry.action,
    subject: entry.subject,
    ...(entry.detail !== '' && { detail: JSON.parse(entry.detail) as unknown }),
  })}\n`;
