import { toPhysical, TYPE, type Description, type Property } from '#firmware-protocol';
import type { ExportedPage, Resolution } from '../history/history.ts';
import { csvLine, type Field } from './csv.ts';
import type { Format } from './history-parameters.ts';

const BEFORE = ['time', 'device', 'property', 'unit'] as const;
const COLUMNS = {
  raw: [...BEFORE, 'value'],
  minute: [...BEFORE, 'min', 'max', 'mean', 'last', 'count'],
  hour: [...BEFORE, 'min', 'max', 'mean', 'last', 'count'],
} as const;

/** One file, written line by line: its lines for pages of samples or buckets. */
export interface ExportFormat {
  readonly contentType: string;
  /** What stands before everything else. */
  readonly head: string;
  lines(page: ExportedPage, description: Description): string;
}

/** CSV as in RFC 4180, with a header; or one JSON object a line. Times are ISO 8601, UTC; values physical. */
export function exportFormat(format: Format, resolution: Resolution): ExportFormat {
  const columns = COLUMNS[resolution];
  const line = format === 'csv' ? csvLine : (row: readonly Field[]) => jsonLine(columns, row);
  return {
    contentType: format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
    head: format === 'csv' ? csvLine(columns) : '',
    lines: (page, description) => rowsOf(page, description).map(line).join(''),
  };
}

function rowsOf({ device, pid, samples, buckets }: ExportedPage, description: Description): Field[][] {
  const property = description.props.find((candidate) => candidate.pid === pid);
  const before = (t: number | undefined): Field[] => [
    new Date(t ?? 0).toISOString(),
    device,
    property?.key ?? String(pid),
    property?.unit ?? '',
  ];
  const physical = (wire = 0): number => toPhysical(property ?? {}, wire);
  const rows: Field[][] = [];
  for (let index = 0; index < (samples?.length ?? 0); index += 1) {
    rows.push([...before(samples?.t[index]), written(property, samples?.v[index] ?? 0)]);
  }
  for (let index = 0; index < (buckets?.length ?? 0); index += 1) {
    const { t, min, max, sum, last, count } = buckets as NonNullable<typeof buckets>;
    const mean = (sum[index] ?? 0) / (count[index] ?? 1);
    const numbers = [min[index], max[index], mean, last[index]].map(physical);
    rows.push([...before(t[index]), ...numbers, count[index] ?? 0]);
  }
  return rows;
}

/** A value as people write it: switches as true and false, choices by their name. */
function written(property: Property | undefined, wire: number): Field {
  if (property?.type === TYPE.bool) return wire !== 0;
  if (property?.type === TYPE.enum) return property.enum?.[wire] ?? wire;
  return toPhysical(property ?? {}, wire);
}

const jsonLine = (columns: readonly string[], row: readonly Field[]): string =>
  `${JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]])))}\n`;
