// A live picture over WebSocket-FLV: plays muted at once, stays near the live edge, and says how near.
import { fill, h, write } from "../dom.js";
import { seconds } from "../format.js";
import { icon } from "../icons.js";
import { session, streamPath } from "../session.js";
import { store } from "../store.js";
import { hlsSource } from "./hls-source.js";
import { LiveEdge } from "./live-edge.js";
import { liveLoader } from "./live-loader.js";

const LIBRARY = "/vendor/mpegts/mpegts.js";
const TICK_MILLIS = 200;
const RETRY_MILLIS = 2000;
const FIRST_LATENCY = 0.6;
const BACK_SECONDS = 10;

let loading = null;

/** mpegts.js, read when a picture is first wanted. */
function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = h("script", { src: LIBRARY, onload: () => resolve(quiet(window.mpegts)), onerror: () => reject(new Error("the player cannot be loaded")) });
    document.head.append(script);
  });
  return loading;
}

/** A WebSocket closes at once when the page goes; a browser may keep a GET that nobody reads. It can send no header. */
function address(path) {
  const url = new URL(`/live/${streamPath(path)}.flv`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (store.private) url.searchParams.set("token", session.token);
  return url.href;
}

function quiet(mpegts) {
  mpegts.LoggingControl.applyConfig({ enableAll: false });
  return mpegts;
}

/**
 * A player of one stream. figures(): the stream as the API shows it, or undefined when it is not live.
 * onStats({latency, buffered, dropped, rate, playing}) is called a few times a second.
 */
export class Player {
  constructor(path, { figures, onStats = () => {} }) {
    this.path = path;
    this.figures = figures;
    this.onStats = onStats;
    this.edge = new LiveEdge();
    this.notBefore = 0;
    this.hls = false; // true: over HLS, as FLV cannot bring this codec or one has gone back in time
    this.back = 0;
    this.wanted = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.video = h("video", { muted: true, playsInline: true, "aria-label": `live picture of ${path}`, onclick: () => this.toggle() });
    this.note = h("p.player-note", {});
    this.big = h("button.player-big", { type: "button", onclick: () => this.toggle() }, icon("play"), h("span", {}, "Play"));
    this.screen = h("div.screen", {}, this.video, this.big, this.note);
    this.timer = setInterval(() => this.tick(), TICK_MILLIS);
    this.onVisible = () => document.hidden || this.jump();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  /** Ends the picture and its connection. */
  stop() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.timer = null;
    this.release();
  }

  toggle() {
    this.wanted = !this.wanted;
    if (!this.wanted) this.release();
    this.tick();
  }

  toggleSound() {
    this.video.muted = !this.video.muted;
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.screen.requestFullscreen();
  }

  /** Goes back in time, further with each call; as far as the playlist holds. */
  rewind() {
    const { video } = this;
    if (this.hls && this.source?.latency) {
      video.currentTime = Math.max(video.seekable.length ? video.seekable.start(0) : 0, video.currentTime - BACK_SECONDS);
      this.back += BACK_SECONDS;
      return;
    }
    this.hls = true;
    this.back = BACK_SECONDS;
    this.wanted = true;
    this.release();
    this.tick();
  }

  jump() {
    if (this.hls && !this.back) {
      this.source?.live?.();
      return;
    }
    if (this.back) {
      this.back = 0;
      this.hls = this.hlsOnly;
      this.release();
      return;
    }
    const { buffered } = this.video;
    if (buffered.length) this.video.currentTime = Math.max(0, buffered.end(buffered.length - 1) - FIRST_LATENCY);
  }

  /** Plays as soon as the stream is there. */
  async begin() {
    const stream = this.figures();
    const there = stream && stream.live && (stream.video || stream.audio);
    if (!this.wanted || this.source || !this.timer || !there || performance.now() < this.notBefore) return;
    this.source = {};
    if (this.hls) {
      await this.beginHls();
      return;
    }
    const mpegts = await library();
    if (!this.wanted || !this.timer) {
      this.source = null;
      return;
    }
    this.say(stream.video ? "" : "This stream is sound alone: press Sound on.");
    this.edge.reset();
    this.source = mpegts.createPlayer(
      { type: "flv", isLive: true, url: address(this.path), hasVideo: !!stream.video, hasAudio: !!stream.audio },
      {
        customLoader: liveLoader(mpegts),
        enableStashBuffer: false,
        lazyLoad: false,
        autoCleanupSourceBuffer: true,
        autoCleanupMaxBackwardDuration: 30,
        autoCleanupMinBackwardDuration: 15,
      });
    this.source.on(mpegts.Events.ERROR, (type, detail) => this.failed(type, detail));
    this.source.on(mpegts.Events.LOADING_COMPLETE, () => this.ended());
    this.source.attachMediaElement(this.video);
    this.source.load();
    Promise.resolve(this.source.play()).catch(() => {});
  }

  async beginHls() {
    const mine = this.source;
    try {
      const source = await hlsSource(this.video, this.path, { back: this.back, onFail: (why) => this.failedHls(why) });
      if (this.source !== mine || !this.timer) {
        source.destroy();
        return;
      }
      this.source = source;
      this.say("");
      Promise.resolve(source.play()).catch(() => {});
    } catch (error) {
      this.failedHls(error.message);
    }
  }

  failedHls(why) {
    this.release();
    if (/codec/i.test(why)) {
      this.wanted = false;
      this.say(`This browser cannot play ${this.figures()?.video?.codec || "this codec"}. VLC and ffplay can: their address stands below.`);
    } else {
      this.wait();
    }
  }

  release() {
    const source = this.source;
    this.source = null;
    this.started = false;
    if (source && source.destroy) source.destroy();
  }

  ended() {
    this.release();
    this.say("The stream has ended. The picture comes back by itself when it is live again.");
    this.wait();
  }

  failed(type, detail) {
    this.release();
    const codec = type === "MediaError" && /codec|unsupported/i.test(detail);
    if (codec) {
      this.hls = true;
      this.hlsOnly = true;
    } else {
      this.wait();
    }
  }

  wait() {
    this.notBefore = performance.now() + RETRY_MILLIS;
  }

  say(text) {
    write(this.note, text);
  }

  tick() {
    const { video } = this;
    const { buffered } = video;
    const end = buffered.length ? buffered.end(buffered.length - 1) : 0;
    this.big.hidden = this.wanted;
    this.begin();
    if (!this.source || !end) {
      this.onStats({ playing: false });
      return;
    }
    if (this.hls) {
      const dropped = video.getVideoPlaybackQuality().droppedVideoFrames;
      const latency = this.source.latency?.() ?? 0;
      this.onStats({ playing: !video.paused, latency, buffered: Math.max(0, end - video.currentTime), dropped, rate: video.playbackRate });
      return;
    }
    this.edge.heard(end, performance.now() / 1000);
    if (!this.started && video.readyState >= 2) {
      this.started = true;
      if (end - video.currentTime > FIRST_LATENCY) this.jump();
    }
    const latency = this.edge.latency(video.currentTime, performance.now() / 1000);
    const ahead = end - video.currentTime;
    const step = this.edge.decide(latency, ahead, video.playbackRate);
    if (step.jump) this.jump();
    if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
    const dropped = video.getVideoPlaybackQuality().droppedVideoFrames;
    this.onStats({ playing: !video.paused, latency, buffered: Math.max(0, ahead), dropped, rate: step.rate });
  }
}

/** The buttons of a player. */
export function controls(player) {
  const button = (action) => h("button", { type: "button", onclick: () => { action(); update(); } });
  const play = button(() => player.toggle());
  const sound = button(() => player.toggleSound());
  const back = button(() => player.rewind());
  const jump = button(() => player.jump());
  const full = button(() => player.fullScreen());
  const element = h("div.controls", { role: "group", "aria-label": "Player" }, play, sound, back, jump, full);
  const name = (element, sign, word) => element.textContent === word || fill(element, icon(sign), h("span", {}, word));
  const update = () => {
    if (player.wanted) name(play, "pause", "Pause");
    else name(play, "play", "Play");
    if (player.video.muted) name(sound, "sound", "Sound on");
    else name(sound, "mute", "Mute");
  };
  name(back, "back", "Back 10 s");
  name(jump, "jump", "Jump to live");
  name(full, "full", "Full screen");
  update();
  const keys = {
    k: () => { player.toggle(); update(); },
    m: () => { player.toggleSound(); update(); },
    j: () => player.rewind(),
    l: () => player.jump(),
    f: () => player.fullScreen(),
  };
  return { element, keys, update };
}

/** The figures of a player as text beside it. */
export function statsList() {
  const cells = { latency: h("dd", {}, "–"), buffered: h("dd", {}, "–"), dropped: h("dd", {}, "–"), rate: h("dd", {}, "–") };
  const pair = (name, cell) => h("div", {}, h("dt", {}, name), cell);
  const element = h("dl.stats", {},
    pair("Latency to live", cells.latency), pair("Buffered", cells.buffered), pair("Dropped frames", cells.dropped), pair("Speed", cells.rate));
  return {
    element,
    show({ playing, latency, buffered, dropped, rate }) {
      write(cells.latency, playing ? seconds(latency) : "–");
      write(cells.buffered, playing ? seconds(buffered) : "–");
      write(cells.dropped, playing ? dropped : "–");
      write(cells.rate, playing ? `${rate.toFixed(2)} ×${rate > 1 ? " catching up" : ""}` : "–");
    },
  };
}
