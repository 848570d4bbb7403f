// Short words that come and go, read aloud too, and the question before something is done.
import { fill, h } from "../dom.js";

const SHOWN_MILLIS = 6000;
const region = h("div.notices", { role: "status", "aria-live": "polite" });

export function announcer() {
  return region;
}

export function announce(text, { failed = false } = {}) {
  const notice = h(failed ? "p.notice.failed" : "p.notice", {}, text);
  region.append(notice);
  setTimeout(() => notice.remove(), SHOWN_MILLIS);
}

/** Asks in a dialog; true when it is confirmed. */
export function confirm(title, text, action) {
  return new Promise((resolve) => {
    const yes = h("button.danger", { type: "submit", value: "yes" }, action);
    const no = h("button", { type: "submit", value: "no", autofocus: true }, "Cancel");
    open(title, [h("p", {}, text)], [no, yes], (value) => resolve(value === "yes"));
  });
}

/** A dialog with a title; the buttons' values are given to closed. */
export function open(title, content, buttons, closed = () => {}) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const form = h("form", { method: "dialog" }, heading, ...content, h("div.buttons", {}, buttons));
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" });
  fill(dialog, form);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed(dialog.returnValue);
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
