/** The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Figures of one name: a counter only grows while the process runs, a gauge goes up and down. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** What it is, as a sentence for people. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** One figure, or one for each value of a label. */
type Figures = number | { readonly label: string; readonly values: Iterable<readonly [string, number]> };

const samplesOf = (figures: Figures): Sample[] =>
  typeof figures === 'number'
    ? [{ labels: {}, value: figures }]
    : [...figures.values].map(([name, value]) => ({ labels: { [figures.label]: name }, value }));

/** @param name ends with `_total` */
export const counter = (name: `${string}_total`, help: string, figures: Figures): Metric => ({
  name,
  type: 'counter',
  help,
  samples: samplesOf(figures),
});

export const gauge = (name: string, help: string, figures: Figures): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: samplesOf(figures),
});

/** Metrics as a scraper reads them. */
export const exposition = (metrics: Iterable<Metric>): string => [...metrics].map(familyText).join('');

function familyText({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${valueText(value)}\n`);
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(
    ([label, value]) => `${label}="${escaped(value).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** As Go reads floating point numbers. */
const valueText = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
