// How mpegts.js gets its bytes: over a WebSocket that may be given up at any moment, also before it is open, without a complaint.

const NORMAL = 1000;

/** The loader's class, which needs the library's own base. */
export function liveLoader(mpegts) {
  return class LiveLoader extends mpegts.BaseLoader {
    constructor() {
      super("live-loader");
      this._needStash = true;
      this.received = 0;
    }

    open({ url }) {
      this._status = mpegts.LoaderStatus.kConnecting;
      this.socket = new WebSocket(url);
      this.socket.binaryType = "arraybuffer";
      this.socket.onopen = () => (this._status = mpegts.LoaderStatus.kBuffering);
      this.socket.onmessage = ({ data }) => this.take(data);
      this.socket.onclose = ({ code, reason }) => this.ended(code, reason);
    }

    take(data) {
      const start = this.received;
      this.received += data.byteLength;
      this._onDataArrival(data, start, this.received);
    }

    ended(code, msg) {
      const clean = code === NORMAL;
      this._status = clean ? mpegts.LoaderStatus.kComplete : mpegts.LoaderStatus.kError;
      if (clean) this._onComplete(0, this.received - 1);
      else this._onError(mpegts.LoaderErrors.EXCEPTION, { code, msg });
    }

    abort() {
      const { socket } = this;
      this.socket = null;
      this._status = mpegts.LoaderStatus.kComplete;
      if (!socket) return;
      socket.onmessage = null;
      socket.onclose = null;
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
      else socket.close();
    }

    destroy() {
      this.abort();
      super.destroy();
    }
  };
}
