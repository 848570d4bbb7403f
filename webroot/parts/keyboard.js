// What the keys do.
import { h } from "../dom.js";
import { open } from "./notice.js";

const KEYS = [
  ["1  2  3  4", "Streams, server, first run, groups"],
  ["/", "Filter the streams"],
  ["↑  ↓", "The stream above, below"],
  ["k", "Play or pause"],
  ["m", "Sound on or off"],
  ["l", "Jump to live"],
  ["f", "Full screen"],
  ["t", "Theme"],
  ["?", "These keys"],
];

export function keyboardDialog() {
  const rows = KEYS.map(([key, meaning]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, meaning)]);
  open("Keys", [h("dl.keys", {}, rows)], [h("button", { type: "submit", autofocus: true }, "Close")]);
}
