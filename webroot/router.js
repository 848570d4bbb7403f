// Addresses behind the #: #/streams, #/stream/live/cam1, #/groups, #/server, #/nodes, #/start, #/admin.

export function current() {
  const [page, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { page: page || "streams", argument: rest.map(decode).join("/") };
}

export function streamLink(path) {
  return `#/stream/${path.split("/").map(encodeURIComponent).join("/")}`;
}

export function onRoute(handler) {
  addEventListener("hashchange", handler);
  handler();
}

export function go(hash, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = hash;
  }
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
