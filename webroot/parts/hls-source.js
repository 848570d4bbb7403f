// A live picture over HLS, for codecs that FLV cannot bring to a browser, and for going back in time.
import { session, streamPath } from "../session.js";
import { store } from "../store.js";

const LIBRARY = "/vendor/hls/hls.light.min.mjs";

function address(path) {
  const url = new URL(`/live/${streamPath(path)}/index.m3u8`, location.href);
  if (store.private) url.searchParams.set("token", session.token);
  return url.href;
}

/** Plays into `video`; `back`: seconds behind live to begin at. onFail(text) is called when there is nothing more to be done. */
export async function hlsSource(video, path, { back = 0, onFail }) {
  const { default: Hls } = await import(LIBRARY);
  if (!Hls.isSupported()) throw new Error("this browser has no Media Source Extensions");
  // The page's policy allows no worker from a blob; fragmented MP4 needs none.
  const hls = new Hls({ enableWorker: false, lowLatencyMode: true, backBufferLength: 60 });
  let left = back;
  hls.on(Hls.Events.ERROR, (event, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && data.details !== "manifestIncompatibleCodecsError") hls.recoverMediaError();
    else onFail(data.details);
  });
  hls.on(Hls.Events.LEVEL_UPDATED, (event, { details }) => {
    if (!left || !video.buffered.length) return;
    video.currentTime = Math.max(details.fragments[0].start, details.edge - left);
    left = 0;
  });
  hls.attachMedia(video);
  hls.loadSource(address(path));
  return {
    play: () => video.play(),
    destroy: () => hls.destroy(),
    latency: () => hls.latency,
    live: () => (video.currentTime = hls.liveSyncPosition ?? video.currentTime),
  };
}
