// How a stream is, in a word with a sign beside it, never by colour alone.
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { seconds } from "../format.js";

/** Viewers who join wait for a key frame for so long at most before it is called long. */
const LONG_INTERVAL = 5000;
const LOW_FPS = 10;

export function chip(kind, sign, word, title = "") {
  return h(`span.chip.${kind}`, { title }, icon(sign), word);
}

/** LIVE, or that it waits for its publisher. */
export function stateChip(stream) {
  return stream.live
    ? chip("live", "live", "Live")
    : chip("wait", "wait", "Waiting", "the publisher is lost; its viewers wait for it to come back");
}

/** {word, reasons}: what a broadcaster should know. */
export function health(stream) {
  const reasons = [];
  if (!stream.live) reasons.push("the publisher is lost");
  else if (!stream.video && !stream.audio) reasons.push("nothing has arrived yet");
  else {
    if (stream.video && stream.video.kbps === 0) reasons.push("no picture in the last second");
    const interval = stream.video?.keyframeIntervalMs || 0;
    if (interval > LONG_INTERVAL) reasons.push(`a key frame only every ${seconds(interval / 1000)}: viewers join slowly`);
    if (stream.video?.fps > 0 && stream.video.fps < LOW_FPS) reasons.push(`only ${stream.video.fps} pictures a second`);
  }
  return { good: reasons.length === 0, reasons };
}

export function healthChip(stream) {
  const { good, reasons } = health(stream);
  return good ? chip("good", "good", "Good") : chip("warn", "warn", "Check", reasons.join("; "));
}
