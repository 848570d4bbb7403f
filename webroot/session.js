// Who looks at the console: the administrator's token, and requests that carry it.

const KEY = "fluctus.token";

export const session = {
  get token() {
    return localStorage.getItem(KEY) || "";
  },

  forget() {
    localStorage.removeItem(KEY);
  },

  /** Whether the gateway takes this token; it is kept if so. */
  async enter(token) {
    const answer = await fetch("/api/v1/secrets", { headers: { Authorization: `Bearer ${token}` } });
    if (answer.ok) localStorage.setItem(KEY, token);
    return answer.ok;
  },

  headers() {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  },
};

/** JSON from the API; an Error with the gateway's own sentence otherwise. */
export async function api(path, options = {}) {
  const answer = await fetch(`/api/v1/${path}`, { ...options, headers: session.headers() });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error ? body.error.message : `the gateway answered ${answer.status}`);
  return body;
}

/** The part of an address that names a stream. */
export function streamPath(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}
