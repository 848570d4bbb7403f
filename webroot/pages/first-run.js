// What to paste into OBS and into a shell, with the real address and key.
import { fill, h } from "../dom.js";
import { playAddresses, publishAddress, rtmpBase } from "../parts/addresses.js";
import { copyField } from "../parts/copy.js";
import { streamLink } from "../router.js";
import { api } from "../session.js";
import { listen, store } from "../store.js";

const PATTERN = "ffmpeg -re -f lavfi -i testsrc2=s=1280x720:r=25 -f lavfi -i sine -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -c:a aac -f flv";
const FILE = "ffmpeg -re -i video.mp4 -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -c:a aac -f flv";
const NAME = /^[\p{L}\p{M}\p{N}._~-]+(\/[\p{L}\p{M}\p{N}._~-]+)*$/u;

export function startPage(outlet) {
  const name = h("input", { type: "text", value: "live/cam1", spellcheck: false, autocomplete: "off", "aria-describedby": "name-rule", oninput: () => update() });
  const fields = {
    server: copyField("Server"),
    key: copyField("Stream key"),
    pattern: copyField("A test picture"),
    file: copyField("A file"),
    ffplay: copyField("ffplay"),
    vlc: copyField("VLC, Open Network Stream"),
    flv: copyField("HTTP-FLV"),
    curl: copyField("The streams as JSON"),
  };
  const rule = h("p.advice");
  const link = h("a.button.primary", {}, "Watch it here");
  let secret = "";

  fill(outlet,
    h("header.head", {}, h("h1", {}, "First run")),
    h("p.lead", {}, "A stream of your own, step by step. What stands here fits this gateway as your browser reaches it: copy and paste."),
    step(1, "Choose a name", h("label.named", {}, h("span.label", {}, "Stream"), name), h("p.soft", { id: "name-rule" }, "An application, a slash, a name: letters, digits and ._~-")),
    step(2, "Publish", rule,
      h("h3", {}, "OBS: Settings, Stream, Service \"Custom...\""), fields.server.element, fields.key.element,
      h("p.soft", {}, "In Settings, Output, Advanced, a key-frame interval of 2 s lets viewers join quickly."),
      h("h3", {}, "In a shell"), fields.pattern.element, fields.file.element),
    step(3, "Watch", h("p", {}, link), fields.ffplay.element, fields.vlc.element, fields.flv.element),
    step(4, "Ask", h("p.soft", {}, "Everything this console shows comes from the API, for your own programs too."), fields.curl.element));

  function update() {
    const { server } = store;
    const path = NAME.test(name.value.trim()) ? name.value.trim() : "live/cam1";
    const publish = publishAddress(server, path, secret);
    const url = `${publish.server}/${publish.key}`;
    const play = playAddresses(server, path);
    const known = rtmpBase(server) !== "";
    const text = (value) => (known ? value : server ? "RTMP is not served here" : "…");
    fields.server.update(text(publish.server));
    fields.key.update(text(publish.key));
    fields.pattern.update(text(`${PATTERN} "${url}"`));
    fields.file.update(text(`${FILE} "${url}"`));
    fields.ffplay.update(text(`ffplay ${play.rtmp}`));
    fields.vlc.update(text(play.rtmp));
    fields.flv.update(play.http);
    fields.curl.update(`curl ${location.origin}/api/v1/streams`);
    link.href = streamLink(path);
    sayRule(rule, server, secret);
    name.setCustomValidity(NAME.test(name.value.trim()) ? "" : "letters, digits and ._~- between slashes");
  }

  let asked = false;
  async function askForKey() {
    if (asked || !store.administrator) return;
    asked = true;
    secret = (await api("secrets")).publishKey;
    update();
  }

  const end = listen(() => {
    update();
    askForKey().catch(() => {});
  });
  return { watch: { rows: [], server: true }, leave: end };
}

function sayRule(rule, server, secret) {
  rule.hidden = !server;
  if (!server) return;
  if (!server.keyed) fill(rule, "No publish.key is set: only programs on the gateway's own machine may publish. To publish from elsewhere, set publish.key in config.json.");
  else if (secret) fill(rule, "The stream key below holds the secret publish.key: show it to publishers only.");
  else fill(rule, "Publishing needs the value of publish.key in the place of PUBLISH_KEY. The administrator sees it here: ", h("a", { href: "#/admin" }, "give the token"), ".");
}

function step(number, title, ...content) {
  return h("section.step", {}, h("h2", {}, h("span.step-number", { "aria-hidden": "true" }, number), title), ...content);
}
