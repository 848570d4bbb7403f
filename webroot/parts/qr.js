// A QR code as one path, so that a telephone opens what this screen shows.
import { svg } from "../dom.js";
import { qrcode } from "../vendor/qrcode/qrcode.mjs";

const QUIET_ZONE = 3;

/** Longer addresses make codes that no telephone reads. */
const MAX_LENGTH = 600;

/** Nothing for a text that is too long. */
export function qr(text) {
  if (text.length > MAX_LENGTH) return null;
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (code.isDark(row, column)) path += `M${column + QUIET_ZONE} ${row + QUIET_ZONE}h1v1h-1z`;
    }
  }
  const side = size + 2 * QUIET_ZONE;
  const ground = svg("rect", { width: side, height: side, class: "qr-ground" });
  return svg("svg", { viewBox: `0 0 ${side} ${side}`, class: "qr", role: "img", "aria-label": `QR code of ${text}`, "shape-rendering": "crispEdges" }, ground, svg("path", { d: path, class: "qr-dark" }));
}
