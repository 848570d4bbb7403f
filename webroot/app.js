// The frame around the pages: rail, bar, what the feed says about itself, and keys.
import { fill, h, write } from "./dom.js";
import { connect, disconnect, reconnect, STALE_MILLIS, watch } from "./feed.js";
import { clock, seconds } from "./format.js";
import { icon } from "./icons.js";
import { adminPage } from "./pages/admin.js";
import { nodesPage } from "./pages/nodes.js";
import { groupsPage } from "./pages/groups.js";
import { serverPage } from "./pages/server.js";
import { startPage } from "./pages/first-run.js";
import { streamPage } from "./pages/stream.js";
import { streamsPage } from "./pages/streams.js";
import { keyboardDialog } from "./parts/keyboard.js";
import { announcer } from "./parts/notice.js";
import { nextTheme, theme } from "./parts/theme.js";
import { current, go, onRoute } from "./router.js";
import { session } from "./session.js";
import { change, listen, store } from "./store.js";

const PAGES = {
  streams: { title: "Streams", render: streamsPage },
  stream: { title: "Stream", render: streamPage },
  groups: { title: "Groups", render: groupsPage },
  server: { title: "Server", render: serverPage },
  nodes: { title: "Nodes", render: nodesPage },
  start: { title: "First run", render: startPage },
  admin: { title: "Administrator", render: adminPage },
};

const LINKS = [
  ["streams", "Streams"],
  ["groups", "Groups"],
  ["server", "Server"],
  ["nodes", "Nodes"],
  ["start", "First run"],
  ["admin", "Admin"],
];

const ICONS = { streams: "streams", groups: "groups", server: "server", nodes: "server", start: "start", admin: "admin" };

const outlet = h("main", { id: "main", tabIndex: -1 });
const rail = h("nav.rail", { "aria-label": "Pages" });
const strip = h("p.strip", { role: "status" });
let page = null;

function frame() {
  const skip = h("a.skip", { href: "#main", onclick: (event) => { event.preventDefault(); outlet.focus(); } }, "Skip to content");
  const brand = h("a.brand", { href: "#/streams" }, h("img", { src: "/favicon.svg", alt: "", width: 32, height: 32 }), h("span", {}, "Fluctus"));
  const themeWord = h("span", {}, themeText());
  const themeButton = h("button.quiet", { type: "button", id: "theme", onclick: () => write(themeWord, themeText(nextTheme())) }, icon("theme"), themeWord);
  const keys = h("button.quiet", { type: "button", onclick: keyboardDialog }, icon("keyboard"), h("span", {}, "Keys"));
  const side = h("div.side", {}, brand, rail, h("div.tools", {}, themeButton, keys));
  fill(document.getElementById("app"), skip, side, h("div.column", {}, strip, outlet), announcer());
}

function themeText(name = theme()) {
  return { auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark" }[name];
}

function links(active) {
  const shown = active === "stream" ? "streams" : active;
  return LINKS.map(([name, word]) =>
    h("a.place", { href: `#/${name}`, "aria-current": name === shown ? "page" : null }, icon(ICONS[name]), h("span", {}, word)));
}

async function route() {
  const { page: name, argument } = current();
  if (name === "admin" && argument) {
    await enter(argument);
    return;
  }
  const known = PAGES[name] || PAGES.streams;
  if (page) page.leave();
  fill(rail, links(PAGES[name] ? name : "streams"));
  document.title = `${name === "stream" ? argument : known.title} · Fluctus`;
  fill(outlet);
  scrollTo(0, 0);
  page = known.render(outlet, argument);
  watch(page.watch);
}

/** The link that the gateway printed: the token leaves the address at once. */
async function enter(token) {
  const taken = await session.enter(token);
  change(() => (store.administrator = taken));
  reconnect();
  go(taken ? "#/streams" : "#/admin", { replace: true });
}

/** Never stale without saying so. */
function sayState() {
  const age = store.heardAt ? Date.now() - store.heardAt : 0;
  const stale = store.loaded && (age > STALE_MILLIS || store.link !== "open");
  document.documentElement.classList.toggle("stale", stale);
  const words = {
    open: stale ? `Nothing heard for ${seconds(age / 1000)}: the figures are old` : "",
    connecting: "Connecting to the gateway",
    lost: store.loaded
      ? `No connection to the gateway, trying again. The figures are ${seconds(age / 1000)} old, from ${clock(store.heardAt)}`
      : "No connection to the gateway, trying again",
    locked: "This gateway is private: open the administrator's link that it printed when it started",
  }[store.link];
  strip.classList.toggle("shown", words !== "");
  const shown = words ? [icon(store.link === "connecting" ? "wait" : "warn"), h("span", {}, words)] : [];
  if (strip.textContent !== words) fill(strip, ...shown);
}

const KEYS = {
  "1": () => go("#/streams"),
  "2": () => go("#/server"),
  "3": () => go("#/start"),
  "4": () => go("#/groups"),
  t: () => document.getElementById("theme").click(),
  "?": keyboardDialog,
};

function onKey(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = (page && page.keys && page.keys[event.key]) || KEYS[event.key];
  if (action) {
    event.preventDefault();
    action(event);
  }
}

frame();
theme();
connect();
onRoute(route);
listen(sayState);
setInterval(sayState, 1000);
addEventListener("keydown", onKey);

// A page that the browser keeps for its back button plays nothing and asks nothing meanwhile.
addEventListener("pagehide", () => {
  page.leave();
  disconnect();
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

if (session.token) {
  session.enter(session.token).then((taken) => change(() => (store.administrator = taken)), () => {});
}
