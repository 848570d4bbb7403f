// Five minutes of a stream as lines, each with its numbers in words.
import { h, write } from "../dom.js";
import { bitrate, interval } from "../format.js";
import uPlot from "../vendor/uplot/uPlot.esm.js";
import { colour, onTheme } from "./theme.js";

const POINTS = 300;
/** Sizes in rem, as a canvas knows none. */
const HEIGHT = 8.5;
const LETTER = 0.75;

const CHARTS = [
  { key: "kbps", least: 100, title: "Bitrate", show: bitrate, axis: (value) => (value < 1000 ? `${value} k` : `${value / 1000} M`) },
  { key: "fps", least: 10, title: "Frames a second", show: (value) => `${value} fps`, axis: String },
  { key: "keyframeIntervalMs", least: 1000, title: "Key-frame interval", show: interval, axis: (value) => `${value / 1000} s` },
  { key: "viewers", least: 2, title: "Viewers", show: String, axis: (value) => (Number.isInteger(value) ? String(value) : "") },
];

/** {element, load(history), add(sample), leave()} */
export function charts() {
  const all = CHARTS.map(chart);
  return {
    element: h("div.charts", {}, all.map((one) => one.element)),
    load: (history) => all.forEach((one) => one.load(history)),
    add: (sample, now) => all.forEach((one) => one.add(sample[one.key], now)),
    leave: () => all.forEach((one) => one.leave()),
  };
}

function chart({ key, title, show, axis, least }) {
  const said = h("span.chart-said", {}, "no figures yet");
  const canvas = h("div.chart-canvas", { role: "img" });
  const element = h("figure.chart", {}, h("figcaption", {}, h("span.chart-title", {}, title), said), canvas);
  let times = [];
  let values = [];
  let plot = null;

  function say(index) {
    if (!values.length) return;
    const now = index ?? values.length - 1;
    const text = index === undefined
      ? `now ${show(values[now])} · highest ${show(Math.max(...values))}`
      : `${new Date(times[now] * 1000).toLocaleTimeString("en-GB")} · ${show(values[now])}`;
    write(said, text);
    canvas.setAttribute("aria-label", `${title} over the last minutes: ${text}`);
  }

  function draw() {
    if (plot) plot.destroy();
    const width = canvas.clientWidth;
    plot = width ? new uPlot(options(width, axis, least, (index) => say(index)), [times, values], canvas) : null;
    say();
  }

  const resized = new ResizeObserver(() => {
    if (!plot) draw();
    else if (canvas.clientWidth && plot.width !== canvas.clientWidth) draw();
  });
  resized.observe(canvas);
  const themed = onTheme(draw);

  return {
    key,
    element,
    load(history) {
      values = history[key].slice(-POINTS);
      const now = Date.now() / 1000;
      times = values.map((_, i) => now - (values.length - 1 - i) * (history.stepMillis / 1000));
      draw();
    },
    add(value, now) {
      times = [...times, now].slice(-POINTS);
      values = [...values, value].slice(-POINTS);
      if (plot) plot.setData([times, values]);
      say();
    },
    leave() {
      resized.disconnect();
      themed();
      if (plot) plot.destroy();
    },
  };
}

/** Pixels of so many rem. */
function rem(count) {
  return Math.round(count * parseFloat(getComputedStyle(document.documentElement).fontSize));
}

/** `least` is what the scale reaches at least, so that little is not drawn large. */
function options(width, axis, least, hovered) {
  const grid = { stroke: colour("line"), width: 1 };
  const ink = { stroke: colour("soft"), font: `${rem(LETTER)}px system-ui, sans-serif`, grid, ticks: { show: false } };
  return {
    width,
    height: rem(HEIGHT),
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { y: { range: (_, low, high) => [0, Math.max(least, high * 1.15)] } },
    axes: [
      { ...ink, size: rem(1.7), space: rem(5), values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString("en-GB")) },
      { ...ink, size: rem(3.4), space: rem(1.8), values: (_, ticks) => ticks.map(axis) },
    ],
    series: [{}, { stroke: colour("accent"), width: 2, fill: colour("accent-wash"), points: { show: false } }],
    hooks: { setCursor: [(u) => hovered(u.cursor.idx ?? undefined)] },
  };
}
