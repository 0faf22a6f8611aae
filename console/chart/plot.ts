import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { PlotData } from './plot-data.ts';

export interface Line {
  readonly label: string;
  readonly unit: string;
  readonly colour: string;
  readonly decimals: number;
}

export interface PlotColours {
  readonly axis: string;
  readonly grid: string;
}

export interface Plot {
  /** @param from and `until` bound the time axis, in seconds */
  draw(data: PlotData, from: number, until: number): void;
  resize(width: number): void;
  destroy(): void;
}

const HEIGHT = 260;
const GRID_PX = 1;

/**
 * Values of one unit share a scale. The first unit's is on the left, the second's on the right, each in the colour
 * of its line where it has only one.
 */
function scaleAxes(lines: readonly Line[], { axis, grid }: PlotColours): uPlot.Axis[] {
  const units = [...new Set(lines.map(({ unit }) => unit))];
  const strokeOf = (unit: string): string => {
    const [line, ...more] = lines.filter((candidate) => candidate.unit === unit);
    return line && more.length === 0 && units.length > 1 ? line.colour : axis;
  };
  return units.slice(0, 2).map((unit, at) => ({
    scale: unit,
    side: at === 0 ? 3 : 1,
    stroke: strokeOf(unit),
    size: 52,
    grid: { show: at === 0, stroke: grid, width: GRID_PX },
    ticks: { show: false },
  }));
}

const MINUTE = 60;
const DAY = 86_400;

const seconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const moments = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** As much of each moment as tells it from the next, `step` seconds later, and from the same of another day. */
function timeLabels(
  { scales }: uPlot,
  splits: number[],
  _axis: number,
  _space: number,
  step: number,
): string[] {
  const { min = 0, max = 0 } = scales['x'] ?? {};
  const ofOneDay = (max ?? 0) - (min ?? 0) <= DAY;
  const format = step >= DAY ? days : !ofOneDay ? moments : step >= MINUTE ? minutes : seconds;
  return splits.map((each) => format.format(each * 1_000));
}

/** Units of the last decimal that a scale spans at least: a steady reading must not be drawn as noise. */
const LEAST_SPAN = 10;

/** Where a steady line stands in the height of its scale: apart from that of another unit, which it would hide. */
const STEADY_AT = { alone: 0.5, left: 0.35, right: 0.65 };

/** The scale of the values of one unit. */
function scaleOf(unit: string, lines: readonly Line[]): uPlot.Scale {
  const decimals = lines.filter((line) => line.unit === unit).map((line) => line.decimals);
  const least = LEAST_SPAN / 10 ** Math.min(...decimals);
  const shared = lines.some((line) => line.unit !== unit);
  const at = STEADY_AT[shared ? (lines[0]?.unit === unit ? 'left' : 'right') : 'alone'];
  return {
    range: (_, min, max) => {
      const short = Math.max(0, least - (max - min));
      return uPlot.rangeNum(min - short * at, max + short * (1 - at), 0.1, true);
    },
  };
}

/** How much of its colour the band between the least and the greatest has. */
const BAND_ALPHA = 0.18;

/** Bands around the lines: columns of the least and the greatest follow those of the lines. */
function bandsOf(lines: readonly Line[]): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const edge = ({ unit }: Line): uPlot.Series => ({ scale: unit, width: 0, points: { show: false } });
  const count = lines.length;
  return {
    series: [...lines.map(edge), ...lines.map(edge)],
    bands: lines.map(({ colour }, at) => ({
      series: [1 + 2 * count + at, 1 + count + at],
      fill: colour.replace('rgb(', 'rgba(').replace(')', `, ${BAND_ALPHA})`),
    })),
  };
}

/**
 * Draws lines over time.
 * @param banded whether columns of the least and of the greatest follow those of the lines
 * @param point is told the index of the point under the cursor, or null
 */
export function createPlot(
  target: HTMLElement,
  lines: readonly Line[],
  colours: PlotColours,
  banded: boolean,
  point: (index: number | null) => void,
): Plot {
  const font = `12px ${getComputedStyle(target).fontFamily}`;
  const axes: uPlot.Axis[] = [
    {
      values: timeLabels,
      space: 84,
      size: 30,
      stroke: colours.axis,
      grid: { stroke: colours.grid, width: GRID_PX },
      ticks: { show: false },
    },
    ...scaleAxes(lines, colours),
  ].map((axis) => ({ ...axis, font }));

  const around = banded ? bandsOf(lines) : { series: [], bands: [] };
  const plot = new uPlot(
    {
      width: target.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { setScale: false }, points: { size: 7 } },
      scales: {
        ...Object.fromEntries(lines.map(({ unit }) => [unit, scaleOf(unit, lines)])),
        x: { time: true },
      },
      axes,
      series: [
        {},
        ...lines.map(({ label, unit, colour }) => ({
          label,
          scale: unit,
          stroke: colour,
          width: 1.8,
          points: { size: 4 },
        })),
        ...around.series,
      ],
      bands: around.bands,
      hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? null)] },
    },
    [[], ...lines.map(() => []), ...around.series.map(() => [])],
    target,
  );

  return {
    draw: (data, min, max) =>
      plot.batch(() => {
        plot.setData(data as uPlot.AlignedData, false);
        plot.setScale('x', { min, max });
      }),
    resize: (width) => plot.setSize({ width, height: HEIGHT }),
    destroy: () => plot.destroy(),
  };
}
