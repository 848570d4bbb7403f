// A minute of bitrate as a line beside its number.
import { svg } from "../dom.js";

const WIDTH = 120;
const HEIGHT = 28;
const POINTS = 60;

export function sparkline() {
  const area = svg("path", { class: "spark-area" });
  const line = svg("path", { class: "spark-line" });
  const element = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "spark", "aria-hidden": "true", preserveAspectRatio: "none" }, area, line);
  return {
    element,
    draw(values) {
      const path = pathOf(values);
      line.setAttribute("d", path);
      area.setAttribute("d", path && `${path}L${WIDTH} ${HEIGHT}L${x(POINTS - values.length)} ${HEIGHT}Z`);
    },
  };
}

function x(index) {
  return ((index / (POINTS - 1)) * WIDTH).toFixed(1);
}

function pathOf(values) {
  if (values.length < 2) return "";
  const top = Math.max(...values, 1) * 1.1;
  const first = POINTS - values.length;
  return values.map((value, i) => `${i ? "L" : "M"}${x(first + i)} ${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`).join("");
}
