// What the codec headers say, decoded, and the publisher's own metadata.
import { fill, h } from "../dom.js";
import { bytes } from "../format.js";

const MAX_VALUES = 60;

export function trackList() {
  const element = h("div.tracks", {}, h("p.soft", {}, "No codec header has arrived yet."));
  return {
    element,
    show({ tracks, metadata }) {
      const parts = tracks.map(track);
      if (Object.keys(metadata).length) parts.push(metadataOf(metadata));
      if (parts.length) fill(element, parts);
    },
  };
}

function track(one) {
  const facts = [
    ["Codec", [one.codec, one.fourCc && `(${one.fourCc})`].filter(Boolean).join(" ")],
    ["Profile", [one.profile, one.level && `level ${one.level}`].filter(Boolean).join(", ")],
    ["Picture", one.width ? `${one.width} × ${one.height}` : ""],
    ["Sound", one.sampleRate ? `${one.sampleRate} Hz, ${one.channels} channel${one.channels === 1 ? "" : "s"}` : ""],
    ["Broken", one.broken || ""],
  ].filter(([, value]) => value);
  const header = h("details", {}, h("summary", {}, `The ${one.message || "header"}, ${bytes(one.bytes || 0).replace("0 KiB", `${one.bytes || 0} bytes`)}`), h("code.hex", {}, one.header || ""));
  return h("article.track", {}, h("h3", {}, `${one.kind === "video" ? "Video" : "Audio"} track ${one.id ?? ""}`), list(facts), header);
}

function metadataOf(metadata) {
  const facts = Object.entries(metadata).slice(0, MAX_VALUES).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
  return h("article.track", {}, h("h3", {}, "Metadata from the publisher"), list(facts));
}

function list(facts) {
  return h("dl.pairs", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
