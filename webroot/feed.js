// The one connection for figures: a snapshot, then deltas, of what is on the screen. It comes back by itself.
import { change, store, take } from "./store.js";
import { session } from "./session.js";

/** Figures older than this are said to be old: two of them are missing. */
export const STALE_MILLIS = 3000;

const FIRST_RETRY = 500;
const LONGEST_RETRY = 8000;
const TOKEN_NEEDED = 4401;

let socket = null;
let retry = FIRST_RETRY;
let watching = {};

export function connect() {
  const url = new URL("/api/v1/feed", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => {
    retry = FIRST_RETRY;
    say({ token: session.token, watch: watching });
  };
  socket.onmessage = (message) => {
    if (store.link !== "open") change(() => (store.link = "open"));
    take(JSON.parse(message.data));
  };
  socket.onclose = (closed) => {
    socket = null;
    if (document.hidden && closed.code === 1000) return;
    change(() => (store.link = closed.code === TOKEN_NEEDED ? "locked" : "lost"));
    if (closed.code !== TOKEN_NEEDED) {
      setTimeout(() => socket || document.hidden || connect(), retry);
      retry = Math.min(LONGEST_RETRY, retry * 2);
    }
  };
}

/** Says what is on the screen: {rows: [path], stream: path, server: true}. */
export function watch(next) {
  if (JSON.stringify(next) === JSON.stringify(watching)) return;
  watching = next;
  if (socket && socket.readyState === WebSocket.OPEN) say({ watch: watching });
}

/** After a token was given or taken away. */
export function reconnect() {
  disconnect();
  connect();
}

export function disconnect() {
  if (socket) socket.onclose = null;
  if (socket) socket.close();
  socket = null;
}

/** A page that nobody sees asks for nothing. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden && socket) socket.close(1000);
  if (!document.hidden && !socket) connect();
});

function say(message) {
  socket.send(JSON.stringify(message));
}
