// Numbers and times as people read them; units are always the same.

export function bitrate(kbps) {
  if (kbps === undefined || kbps === null) return "–";
  return kbps < 1000 ? `${kbps} kbit/s` : `${(kbps / 1000).toFixed(kbps < 10000 ? 2 : 1)} Mbit/s`;
}

export function bytes(count) {
  if (count < 1 << 20) return `${Math.round(count / 1024)} KiB`;
  if (count < 1 << 30) return `${(count / (1 << 20)).toFixed(count < 100 << 20 ? 1 : 0)} MiB`;
  return `${(count / (1 << 30)).toFixed(2)} GiB`;
}

export function count(number) {
  return number.toLocaleString("en");
}

export function plural(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

/** 1:02:03, and 2 d 1:02:03 from a day on. */
export function span(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const days = Math.floor(seconds / 86400);
  const two = (value) => String(value).padStart(2, "0");
  const clock = `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days ? `${days} d ${clock}` : clock;
}

/** A moment in local time. */
export function clock(millis) {
  return new Date(millis).toLocaleTimeString("en-GB");
}

/** A moment in full, in UTC, for titles. */
export function utc(millis) {
  return new Date(millis).toISOString();
}

export function seconds(value) {
  return `${value.toFixed(1)} s`;
}

export function interval(millis) {
  return millis ? seconds(millis / 1000) : "–";
}

export function video(track) {
  return track ? [track.codec, size(track)].filter(Boolean).join(" ") : "none";
}

export function size(track) {
  return track.width ? `${track.width} × ${track.height}` : "";
}

export function audio(track) {
  return track ? [track.codec, soundOf(track)].filter(Boolean).join(" ") : "none";
}

/** Sample rate and channels. */
export function soundOf(track) {
  const rate = track.sampleRate ? `${track.sampleRate / 1000} kHz` : "";
  const channels = { 1: "mono", 2: "stereo" }[track.channels] || (track.channels ? `${track.channels} channels` : "");
  return [rate, channels].filter(Boolean).join(" ");
}

/** Viewers by protocol: "2 rtmp, 1 flv". */
export function viewers(figures) {
  const named = Object.entries(figures).filter(([name, number]) => name !== "total" && number);
  return named.map(([name, number]) => `${number} ${name}`).join(", ");
}

export function pathOf(stream) {
  return stream.app ? `${stream.app}/${stream.name}` : stream.name;
}
