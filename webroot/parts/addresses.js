// Where this gateway is reached, as the browser that looks at it reaches it.
import { streamPath } from "../session.js";

const NOBODY = "PUBLISH_KEY";

/** rtmp://host:port, or an empty text while that is not known. */
export function rtmpBase(server) {
  const rtmp = server?.verticles.find((verticle) => verticle.name === "rtmp");
  return rtmp ? `rtmp://${host(server)}:${rtmp.port}` : "";
}

function host(server) {
  const name = server.publicAddress || location.hostname;
  return name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
}

/** Without a key only the gateway's own machine publishes, whatever name it has. */
export function publishBase(server) {
  return server && !server.keyed ? rtmpBase(server).replace(/\/\/.*:/, "//127.0.0.1:") : rtmpBase(server);
}

export function playAddresses(server, path) {
  const encoded = streamPath(path);
  const http = `${location.origin}/live/${encoded}.flv`;
  const hls = `${location.origin}/live/${encoded}/index.m3u8`;
  const mp4 = http.replace(/flv$/, "mp4");
  return { rtmp: rtmpBase(server) && `${rtmpBase(server)}/${path}`, http, hls, mp4, ws: http.replace(/^http/, "ws"), page: `${location.origin}/#/stream/${encoded}` };
}

/** Server and stream key as OBS wants them; the key's value is known to the administrator alone. */
export function publishAddress(server, path, key) {
  const slash = path.lastIndexOf("/");
  const app = slash < 0 ? "" : `/${path.slice(0, slash)}`;
  const name = path.slice(slash + 1);
  return { server: `${publishBase(server)}${app}`, key: server?.keyed ? `${name}?key=${key || NOBODY}` : name };
}
