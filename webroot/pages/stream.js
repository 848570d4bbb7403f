// One stream: its picture, its figures over time, what it is made of, who watches, and its addresses.
import { fill, h, write } from "../dom.js";
import { audio, bitrate, bytes, clock, count, interval, span, utc, video, viewers } from "../format.js";
import { icon } from "../icons.js";
import { playAddresses, publishAddress } from "../parts/addresses.js";
import { charts } from "../parts/charts.js";
import { health, healthChip, stateChip } from "../parts/chip.js";
import { copyField } from "../parts/copy.js";
import { kickButton } from "../parts/kick.js";
import { controls, Player, statsList } from "../parts/player.js";
import { qr } from "../parts/qr.js";
import { row, table } from "../parts/table.js";
import { trackList } from "../parts/tracks.js";
import { api, streamPath as encoded } from "../session.js";
import { gatewayNow, kbpsOf, listen, store } from "../store.js";

const VIEWERS = ["Viewer", "Since", "Behind", ""];
const SAMPLE_MILLIS = 900;
const HISTORY_MILLIS = 1500;

export function streamPage(outlet, path) {
  const stats = statsList();
  const player = new Player(path, { figures: () => store.streams.get(path), onStats: (figures) => { stats.show(figures); buttons.update(); } });
  const buttons = controls(player);
  const figures = charts();
  const facts = factsList();
  const tracks = trackList();
  const watching = viewersPanel();
  const places = addressPanel(path);
  const chips = h("span.chips", {});
  const advice = h("p.advice", { hidden: true });
  const ended = h("p.empty", { hidden: true }, "Nobody publishes this stream now. This page shows it as soon as it is live. ", h("a", { href: "#/start" }, "How to publish"));
  const kick = kickButton("the publisher", () => store.streams.get(path)?.publisher.client);

  const stage = h("div.stage", {},
    h("section.watch", { "aria-label": "Player" }, player.screen, buttons.element, stats.element),
    facts.element);
  const curves = h("section", { "aria-label": "Charts" }, h("h2", {}, "The last five minutes"), figures.element);
  const parts = h("div.halves", {},
    h("section", {}, h("h2", {}, "Tracks and codec headers"), tracks.element),
    h("section", {}, h("h2", {}, "Viewers"), watching.element));

  fill(outlet,
    h("header.head", {}, h("a.back", { href: "#/streams" }, icon("back"), h("span", {}, "Streams")), h("h1", { title: path }, path), chips, kick),
    advice, ended,
    stage, curves, parts,
    h("section", {}, h("h2", {}, "Addresses"), places.element));

  let sampledAt = 0;
  let askedFor = "";
  let chipsOf = "";

  async function load() {
    figures.load(await api(`history/${encoded(path)}`));
    sampledAt = Date.now();
  }

  /** Headers come with the first seconds of a publisher, and again with each new one. */
  async function loadTracks(stream) {
    const version = `${stream.publisher.client} ${stream.video?.codec} ${stream.video?.width} ${stream.audio?.codec}`;
    if (version === askedFor) return;
    askedFor = version;
    tracks.show(await api(`tracks/${encoded(path)}`));
  }

  function update() {
    const stream = store.streams.get(path);
    ended.hidden = !!stream || !store.loaded;
    for (const part of [stage, curves, parts]) part.hidden = !ended.hidden;
    kick.hidden = !stream;
    places.show(store.server);
    watching.show(store.viewers.stream === path ? store.viewers.list : [], stream);
    if (!stream) {
      fill(chips);
      chipsOf = "";
      advice.hidden = true;
      return;
    }
    const both = [stateChip(stream), healthChip(stream)];
    const said = both.map((one) => one.textContent + one.title).join();
    if (said !== chipsOf) fill(chips, both);
    chipsOf = said;
    const { good, reasons } = health(stream);
    advice.hidden = good;
    write(advice, good ? "" : `Worth a look: ${reasons.join("; ")}.`);
    facts.show(stream);
    loadTracks(stream).catch(() => {});
    if (Date.now() - sampledAt > SAMPLE_MILLIS && store.heardAt > sampledAt) {
      sampledAt = Date.now();
      figures.add(sampleOf(stream), sampledAt / 1000);
    }
  }

  const end = listen(update);
  load().catch(() => setTimeout(() => load().catch(() => {}), HISTORY_MILLIS));
  const ticking = setInterval(facts.clock, 1000);

  return {
    watch: { rows: [path], stream: path, server: true },
    keys: buttons.keys,
    leave() {
      end();
      clearInterval(ticking);
      player.stop();
      figures.leave();
    },
  };
}

function sampleOf(stream) {
  return {
    kbps: kbpsOf(stream),
    fps: stream.video?.fps || 0,
    keyframeIntervalMs: stream.video?.keyframeIntervalMs || 0,
    viewers: stream.viewers.total,
  };
}

function factsList() {
  const names = ["Video", "Frames", "Key frame every", "Audio", "Bitrate", "Viewers", "Up", "Since", "Publisher", "Node", "Received", "Sent", "Dropped for slow viewers"];
  const cells = Object.fromEntries(names.map((name) => [name, h("dd", {}, "–")]));
  const element = h("dl.facts", {}, names.map((name) => h("div", {}, h("dt", {}, name), cells[name])));
  let since = 0;
  const tick = () => since && write(cells.Up, span(gatewayNow() - since));
  return {
    element,
    clock: tick,
    show(stream) {
      since = stream.since;
      const values = {
        Video: video(stream.video),
        Frames: stream.video ? `${stream.video.fps} fps` : "–",
        "Key frame every": interval(stream.video?.keyframeIntervalMs),
        Audio: audio(stream.audio),
        Bitrate: `${bitrate(stream.video?.kbps || 0)} + ${bitrate(stream.audio?.kbps || 0)}`,
        Viewers: stream.viewers.total ? `${count(stream.viewers.total)} (${viewers(stream.viewers)})` : "none",
        Since: clock(stream.since),
        Publisher: `${stream.publisher.protocol} ${stream.publisher.address}`,
        Node: stream.node,
        Received: bytes(stream.bytesIn),
        Sent: bytes(stream.bytesOut),
        "Dropped for slow viewers": stream.dropped ? `${count(stream.dropped)} packets` : "none",
      };
      for (const [name, value] of Object.entries(values)) write(cells[name], value);
      cells.Since.title = utc(stream.since);
      tick();
    },
  };
}

function viewersPanel() {
  const { element, body } = table("Viewers", VIEWERS);
  const nobody = h("p.soft", {}, "Nobody watches.");
  const more = h("p.soft");
  const rows = new Map();
  return {
    element: h("div", {}, element, nobody, more),
    show(list, stream) {
      const present = new Set(list.map((viewer) => viewer.client));
      for (const [client, entry] of rows) {
        if (present.has(client)) continue;
        entry.element.remove();
        rows.delete(client);
      }
      for (const viewer of list) {
        if (!rows.has(viewer.client)) {
          rows.set(viewer.client, viewerRow(viewer));
          body.append(rows.get(viewer.client).element);
        }
        rows.get(viewer.client).show(viewer);
      }
      const hidden = (stream?.viewers.total || 0) - list.length;
      element.hidden = list.length === 0;
      nobody.hidden = list.length > 0;
      write(more, list.length && hidden > 0 ? `and ${count(hidden)} more` : "");
    },
  };
}

function viewerRow(first) {
  const since = h("span.number");
  const lag = h("span.number");
  const kick = first.client ? kickButton(`the viewer ${first.address}`, () => first.client) : null;
  const element = row(VIEWERS, [[first.address || "unknown", h("span.sub", {}, ` ${first.protocol}`)], since, lag, kick || ""]);
  return {
    element,
    show(viewer) {
      write(since, span(gatewayNow() - viewer.since));
      write(lag, viewer.paused ? "paused" : `${count(viewer.lagMillis)} ms`);
    },
  };
}

function addressPanel(path) {
  const fields = {
    page: copyField("This page"),
    http: copyField("HTTP-FLV"),
    ws: copyField("WebSocket-FLV"),
    hls: copyField("HLS"),
    mp4: copyField("Fragmented MP4"),
    rtmp: copyField("RTMP, for ffplay and VLC"),
    server: copyField("Publish: server"),
    key: copyField("Publish: stream key"),
  };
  const code = h("div.qr-holder");
  const caption = h("p.soft", {}, "Opens this page on a telephone.");
  const element = h("div.addresses", {}, h("div.fields", {}, Object.values(fields).map((field) => field.element)), h("div.qr-box", {}, code, caption));
  let coded = "";
  return {
    element,
    show(server) {
      const play = playAddresses(server, path);
      const publish = publishAddress(server, path, "");
      for (const name of ["page", "http", "ws", "hls", "mp4"]) fields[name].update(play[name]);
      fields.rtmp.update(play.rtmp || "RTMP is not served here");
      fields.server.update(play.rtmp ? publish.server : "RTMP is not served here");
      fields.key.update(publish.key);
      if (coded !== play.page) {
        fill(code, qr(play.page));
        caption.hidden = !code.firstChild;
      }
      coded = play.page;
    },
  };
}
