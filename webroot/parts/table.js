// Tables whose rows become cards where the screen is narrow: each cell knows its column's name.
import { h } from "../dom.js";

/** {element, body}; columns are names, "" for one without. */
export function table(label, columns) {
  const body = h("tbody");
  const head = columns.map((name) => h("th", { scope: "col" }, name || h("span.unseen", {}, "Actions")));
  const element = h("table.cards", { "aria-label": label }, h("thead", {}, h("tr", {}, head)), body);
  return { element, body };
}

/** A row of cells; the first is its heading. */
export function row(columns, cells) {
  return h("tr", {}, cells.map((cell, i) => (i === 0 ? h("th", { scope: "row" }, cell) : h("td", { "data-label": columns[i] }, cell))));
}
