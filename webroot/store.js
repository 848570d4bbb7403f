// What the console knows, in one place. Pages listen; only the feed and the session write.
import { pathOf } from "./format.js";

/** Points of a sparkline: one a second. */
const SPARK = 60;
const SPARK_MILLIS = 900;
const MAX_EVENTS = 200;

export const store = {
  streams: new Map(),
  sparks: new Map(),
  totals: { streams: 0, viewers: 0, kbpsIn: 0, kbpsOut: 0 },
  server: null,
  viewers: { stream: "", list: [] },
  events: [],
  /** Local time of the last figures, the gateway's clock minus ours, and whether a first snapshot has come. */
  heardAt: 0,
  clockOffset: 0,
  loaded: false,
  link: "connecting",
  administrator: false,
  /** Whether watching needs the token, too. */
  private: false,
};

const listeners = new Set();
let extendedAt = 0;

/** Calls listener(store) after each change, and now; gives back what ends that. */
export function listen(listener) {
  listeners.add(listener);
  listener(store);
  return () => listeners.delete(listener);
}

export function change(apply) {
  apply(store);
  for (const listener of [...listeners]) listener(store);
}

/** The gateway's idea of the time, in milliseconds since 1970. */
export function gatewayNow() {
  return Date.now() + store.clockOffset;
}

/** One message of the feed. */
export function take(message) {
  change(() => {
    if (message.type === "event") {
      store.events = [message.event, ...store.events].slice(0, MAX_EVENTS);
      return;
    }
    if (message.type === "snapshot") {
      store.streams = new Map();
      store.events = message.events;
      store.private = message.private;
      store.loaded = true;
    }
    for (const stream of message.streams || message.changed) store.streams.set(pathOf(stream), stream);
    for (const path of message.gone || []) forget(path);
    for (const [path, values] of Object.entries(message.sparks || {})) store.sparks.set(path, values);
    if (Date.now() - extendedAt > SPARK_MILLIS) {
      for (const [path, stream] of store.streams) extend(path, stream);
      extendedAt = Date.now();
    }
    store.totals = message.totals;
    if (message.server) store.server = message.server;
    if (message.viewers) store.viewers = { stream: message.stream, list: message.viewers };
    store.heardAt = Date.now();
    store.clockOffset = message.at - Date.now();
  });
}

function forget(path) {
  store.streams.delete(path);
  store.sparks.delete(path);
}

function extend(path, stream) {
  const known = store.sparks.get(path) || [];
  store.sparks.set(path, [...known, kbpsOf(stream)].slice(-SPARK));
}

export function kbpsOf(stream) {
  return (stream.video?.kbps || 0) + (stream.audio?.kbps || 0);
}
