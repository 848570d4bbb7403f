// What happened, newest first.
import { fill, h } from "../dom.js";
import { clock, utc } from "../format.js";

const WORDS = {
  publish: (event) => `${event.stream} is published by ${event.protocol} ${event.address}`,
  takeover: (event) => `${event.stream} is taken over by ${event.protocol} ${event.address}`,
  unpublish: (event) => `${event.stream} has ended: ${event.reason}`,
  kick: (event) => `the administrator kicked ${event.client}`,
};

export function eventLog(limit) {
  const element = h("ol.events");
  let shown = null;
  return {
    element,
    show(events) {
      if (events === shown) return;
      shown = events;
      fill(element, events.length ? events.slice(0, limit).map(line) : h("li", {}, "Nothing has happened yet."));
    },
  };
}

function line(event) {
  const words = WORDS[event.type] || (() => `${event.type} ${event.stream || ""}`);
  return h("li", {}, h("time", { title: utc(event.at), dateTime: utc(event.at) }, clock(event.at)), h("span", {}, words(event)));
}
