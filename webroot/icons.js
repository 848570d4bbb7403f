// Line icons on a 24 by 24 grid. They always stand beside a word and are hidden from screen readers.
import { svg } from "./dom.js";

const PATHS = {
  streams: ["M4 6h16v10H4z", "M9 20h6", "M12 16v4"],
  groups: ["M12 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4z", "M5 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4z", "M19 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4z", "M11 8l-5 8", "M13 8l5 8", "M7 18h10"],
  server: ["M4 5h16v6H4z", "M4 13h16v6H4z", "M8 8h.01", "M8 16h.01"],
  start: ["M12 19V6", "M6 12l6-6 6 6", "M5 21h14"],
  theme: ["M12 4a8 8 0 1 0 8 8 6 6 0 0 1-8-8z"],
  keyboard: ["M3 7h18v11H3z", "M7 11h.01", "M11 11h.01", "M15 11h.01", "M8 15h8"],
  good: ["M5 13l4 4 10-10"],
  warn: ["M12 4l9 16H3z", "M12 10v4", "M12 17h.01"],
  bad: ["M6 6l12 12", "M18 6L6 18"],
  wait: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M12 8v4l3 2"],
  live: ["M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4z", "M7 7a7 7 0 0 0 0 10", "M17 7a7 7 0 0 1 0 10"],
  copy: ["M9 9h11v11H9z", "M5 15H4V4h11v1"],
  play: ["M8 5l11 7-11 7z"],
  pause: ["M8 5v14", "M16 5v14"],
  sound: ["M4 9v6h4l5 4V5L8 9z", "M16 9a4 4 0 0 1 0 6"],
  mute: ["M4 9v6h4l5 4V5L8 9z", "M16 9l5 6", "M21 9l-5 6"],
  jump: ["M5 5l8 7-8 7z", "M18 5v14"],
  full: ["M4 9V4h5", "M20 9V4h-5", "M4 15v5h5", "M20 15v5h-5"],
  kick: ["M10 4H5v16h5", "M14 8l5 4-5 4", "M19 12H9"],
  back: ["M14 6l-6 6 6 6"],
  admin: ["M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z", "M9 12l2 2 4-4"],
  qr: ["M4 4h6v6H4z", "M14 4h6v6h-6z", "M4 14h6v6H4z", "M14 14h2v2h-2z", "M18 18h2v2h-2z"],
  viewers: ["M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7z", "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"],
  in: ["M12 4v12", "M7 11l5 5 5-5", "M5 20h14"],
  out: ["M12 16V4", "M7 9l5-5 5 5", "M5 20h14"],
};

export function icon(name) {
  const paths = PATHS[name].map((d) => svg("path", { d }));
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, ...paths);
}
