// Something to paste elsewhere, with a button that copies it.
import { h, write } from "../dom.js";
import { icon } from "../icons.js";
import { announce } from "./notice.js";

const SAID_MILLIS = 2000;

/** A labelled value; update(text) replaces it. */
export function copyField(label, text = "") {
  const value = h("code.value", {}, text);
  const word = h("span", {}, "Copy");
  const button = h("button", { type: "button", "aria-label": `Copy ${label}`, onclick: () => copy(value, word) }, icon("copy"), word);
  const element = h("div.copy", {}, h("span.label", {}, label), value, button);
  return { element, update: (next) => write(value, next) };
}

async function copy(value, word) {
  const copied = (await byClipboard(value.textContent)) || bySelection(value);
  write(word, copied ? "Copied" : "Select it");
  announce(copied ? "Copied" : "The browser does not let this page copy: it is selected, press Ctrl+C", { failed: !copied });
  setTimeout(() => write(word, "Copy"), SAID_MILLIS);
}

async function byClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Where the page is not served over TLS there is no clipboard object. */
function bySelection(value) {
  const range = document.createRange();
  range.selectNodeContents(value);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return document.execCommand("copy");
}
