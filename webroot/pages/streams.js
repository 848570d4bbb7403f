// Every stream, one row each, and a moving picture at once.
import { fill, h, write } from "../dom.js";
import { watch } from "../feed.js";
import { bitrate, count, interval, plural, seconds, size, soundOf, span, viewers } from "../format.js";
import { icon } from "../icons.js";
import { healthChip, stateChip } from "../parts/chip.js";
import { Player } from "../parts/player.js";
import { sparkline } from "../parts/sparkline.js";
import { row, table } from "../parts/table.js";
import { streamLink } from "../router.js";
import { gatewayNow, kbpsOf, listen, store } from "../store.js";

const COLUMNS = ["Stream", "Video", "Bitrate", "Key frame", "Audio", "Viewers", "Up", "Publisher"];
const MAX_WATCHED = 200;
const MAX_WATCHED_LETTERS = 40000;
const MARGIN = "300px";

export function streamsPage(outlet) {
  const rows = new Map();
  const visible = new Set();
  const preview = previewPanel();
  const totals = totalsPanel();
  const filter = h("input", { type: "search", placeholder: "Filter by name", "aria-label": "Filter streams by name", oninput: () => arrange() });
  const found = h("span.found", { role: "status" });
  const { element, body } = table("Streams", COLUMNS);
  const empty = h("p.empty", {}, "No stream is live. ", h("a", { href: "#/start" }, "How to publish one"));
  const observer = new IntersectionObserver(seen, { rootMargin: MARGIN });

  fill(outlet,
    h("header.head", {}, h("h1", {}, "Streams"), h("label.filter", {}, filter, found)),
    h("div.overview", {}, preview.element, totals.element),
    element, empty);

  function seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) visible.add(target.dataset.path);
      else visible.delete(target.dataset.path);
    }
    page.watch = watched();
    watch(page.watch);
  }

  function watched() {
    let letters = 0;
    const rows = [...visible].sort().slice(0, MAX_WATCHED).filter((path) => (letters += path.length) < MAX_WATCHED_LETTERS);
    return { rows, server: false };
  }

  function arrange() {
    const wanted = filter.value.trim().toLowerCase();
    let shown = 0;
    for (const [path, entry] of rows) {
      entry.element.hidden = wanted !== "" && !path.toLowerCase().includes(wanted);
      shown += entry.element.hidden ? 0 : 1;
    }
    write(found, wanted ? `${plural(shown, "stream")} found` : "");
  }

  function update() {
    for (const [path, entry] of rows) {
      if (store.streams.has(path)) continue;
      observer.unobserve(entry.element);
      entry.element.remove();
      rows.delete(path);
      visible.delete(path);
    }
    const paths = [...store.streams.keys()].sort();
    paths.forEach((path, i) => {
      let entry = rows.get(path);
      if (!entry) {
        entry = streamRow(path);
        rows.set(path, entry);
        body.insertBefore(entry.element, body.children[i] || null);
        observer.observe(entry.element);
        entry.show(store.streams.get(path));
      }
      if (visible.has(path)) entry.show(store.streams.get(path));
    });
    arrange();
    element.hidden = paths.length === 0;
    empty.hidden = paths.length > 0 || !store.loaded;
    totals.show();
    preview.choose(paths);
  }

  const end = listen(update);
  const ticking = setInterval(() => rows.forEach((entry, path) => visible.has(path) && entry.clock()), 1000);

  const page = {
    watch: { rows: [], server: false },
    keys: {
      "/": () => filter.focus(),
      ArrowDown: () => step(body, 1),
      ArrowUp: () => step(body, -1),
      m: () => preview.player()?.toggleSound(),
      k: () => preview.player()?.toggle(),
      l: () => preview.player()?.jump(),
    },
    leave() {
      end();
      clearInterval(ticking);
      observer.disconnect();
      preview.leave();
    },
  };
  return page;
}

/** The link of the row above or below the one that has the focus. */
function step(body, direction) {
  const links = [...body.querySelectorAll("tr:not([hidden]) a")];
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (direction > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + direction));
  links[next]?.focus();
}

function streamRow(path) {
  const chips = h("span.chips");
  const picture = h("span.whole");
  const fps = h("span.sub.whole");
  const speed = h("span.number");
  const spark = sparkline();
  const keys = h("span.whole");
  const sound = h("span.whole");
  const detail = h("span.sub.whole");
  const watching = h("span.number");
  const protocols = h("span.sub");
  const up = h("span.number");
  const from = h("span");
  const publisher = h("span.sub");
  const name = h("a.name", { href: streamLink(path), title: path }, path);
  const element = row(COLUMNS, [
    [name, chips], [picture, fps], [h("span.rate", {}, speed, spark.element)], [keys], [sound, detail], [watching, protocols], [up], [from, publisher],
  ]);
  element.dataset.path = path;
  let chipsOf = "";
  let since = 0;
  return {
    element,
    clock: () => write(up, span(gatewayNow() - since)),
    show(stream) {
      since = stream.since;
      const both = [stateChip(stream), healthChip(stream)];
      const said = both.map((one) => one.textContent + one.title).join();
      if (said !== chipsOf) fill(chips, both);
      chipsOf = said;
      write(picture, stream.video?.codec || "none");
      write(fps, stream.video ? [size(stream.video), `${stream.video.fps} fps`].filter(Boolean).join(", ") : "");
      write(speed, bitrate(kbpsOf(stream)));
      spark.draw(store.sparks.get(path) || []);
      write(keys, interval(stream.video?.keyframeIntervalMs));
      write(sound, stream.audio?.codec || "none");
      write(detail, stream.audio ? soundOf(stream.audio) : "");
      write(watching, count(stream.viewers.total));
      write(protocols, viewers(stream.viewers));
      write(from, stream.publisher.protocol);
      write(publisher, stream.publisher.address);
      this.clock();
    },
  };
}

/** The first live stream, playing without sound. */
function previewPanel() {
  const title = h("a.preview-name", {});
  const said = h("span.preview-said");
  const holder = h("div.preview-screen");
  const element = h("section.preview", { "aria-label": "A live picture", hidden: true }, holder, h("div.preview-line", {}, title, said));
  let player = null;
  let shown = "";
  return {
    element,
    player: () => player,
    choose(paths) {
      const live = paths.filter((path) => store.streams.get(path).live && store.streams.get(path).video);
      if (shown && live.includes(shown)) return;
      if (player) player.stop();
      player = null;
      shown = live[0] || "";
      element.hidden = !shown;
      if (!shown) return;
      const path = shown;
      player = new Player(path, {
        figures: () => store.streams.get(path),
        onStats: ({ playing, latency }) => write(said, playing ? `${seconds(latency)} behind live` : ""),
      });
      title.href = streamLink(path);
      fill(title, icon("play"), h("span", {}, path));
      fill(holder, player.screen);
    },
    leave() {
      if (player) player.stop();
    },
  };
}

function totalsPanel() {
  const cell = (sign, name) => {
    const value = h("dd", {}, "–");
    return { value, element: h("div.total", {}, h("dt", {}, icon(sign), name), value) };
  };
  const streams = cell("streams", "Streams");
  const watching = cell("viewers", "Viewers");
  const coming = cell("in", "Coming in");
  const going = cell("out", "Going out");
  const publish = h("p.hint", {}, "Publish your own: ", h("a", { href: "#/start" }, "what to paste into OBS and a shell"), ".");
  const element = h("div.summary", {}, h("dl.totals", {}, streams.element, watching.element, coming.element, going.element), publish);
  return {
    element,
    show() {
      if (!store.loaded) return;
      write(streams.value, count(store.totals.streams));
      write(watching.value, count(store.totals.viewers));
      write(coming.value, bitrate(store.totals.kbpsIn));
      write(going.value, bitrate(store.totals.kbpsOut));
    },
  };
}
