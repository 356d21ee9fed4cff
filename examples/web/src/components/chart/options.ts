// Options and rows of uPlot. Labels are placed at 0, 1, 2, …
import uPlot from "uplot";
import type { ChartProps, Series } from "./Chart";

const HEIGHT = 220;
// Of labels, in pixels. A character of Japanese is twice as wide.
const CHARACTER_WIDTH = 7;
const LABEL_GAP = 14;

const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);

export function toOptions({ heading, labels, series, format, stacked, max }: ChartProps, width: number): uPlot.Options {
  const toLabel = (index: number) => (Number.isInteger(index) ? (labels[index] ?? "") : "");
  const drawn = order(series, stacked);
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-0.6, labels.length - 0.4] },
      y: { range: (_, __, greatest) => [0, max ?? Math.max(1, 1.05 * greatest)] },
    },
    axes: [
      axis((_, splits) => splits.map(toLabel), { space: labelWidth(labels) + LABEL_GAP, incrs: [1, 2, 3, 5, 10, 15, 20, 30, 60, 120] }),
      axis((_, splits) => splits.map(format), { size: 62 }),
    ],
    series: [
      { label: heading, value: (_, index) => toLabel(index ?? Number.NaN) || "–" },
      ...drawn.map(({ name, kind, color: variable, values }): uPlot.Series => ({
        label: name,
        stroke: () => color(variable),
        width: kind === "bars" ? 0 : 2,
        fill: kind === "bars" ? () => color(variable) : undefined,
        paths: kind === "bars" ? uPlot.paths.bars!({ size: [0.7, 48] }) : undefined,
        points: { show: kind === "line" },
        // The value itself, where the row has a sum.
        value: (_, __, ___, index) => (typeof index === "number" && typeof values[index] === "number" ? format(values[index]) : "–"),
      })),
    ],
  };
}

export function toRows({ labels, series, stacked }: ChartProps): uPlot.AlignedData {
  const drawn = order(series, stacked);
  const rows = drawn.map(({ values }, position) =>
    stacked ? values.map((_, index) => sum(drawn.slice(position), index)) : [...values],
  );
  return [labels.map((_, index) => index), ...rows];
}

/** The width of the longest label, approximately. */
const labelWidth = (labels: readonly string[]): number =>
  CHARACTER_WIDTH * Math.max(...labels.map((label) => [...label].reduce((width, character) => width + (character > "\u2fff" ? 2 : 1), 0)));

/** Of a stack the last one is the highest, and is drawn first, so that it does not hide the others. */
const order = (series: readonly Series[], stacked = false): readonly Series[] => (stacked ? [...series].reverse() : series);

const sum = (series: readonly Series[], index: number): number =>
  series.reduce((total, { values }) => total + (values[index] ?? 0), 0);

const axis = (values: uPlot.Axis.DynamicValues, rest: Partial<uPlot.Axis>): uPlot.Axis => ({
  stroke: () => color("--muted"),
  font: "12px system-ui, sans-serif",
  grid: { stroke: () => color("--border"), width: 1 },
  ticks: { show: false },
  values,
  ...rest,
});
