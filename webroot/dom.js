// Elements out of data. Text becomes text nodes and nothing else: what comes from the network is never read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** h("a.link", {href, onclick, ...}, child, ...): null and false children are left out. */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...texts(children));
  return element;
}

/** An element of SVG; attributes only. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Puts other children in the place of those an element has. */
export function fill(element, ...children) {
  element.replaceChildren(...texts(children));
  return element;
}

/** Writes a text only where it differs, so that a screen reader and a selection are left alone. */
export function write(element, text) {
  const value = String(text);
  if (element.textContent !== value) element.textContent = value;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name in element && !name.includes("-")) element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

function texts(children) {
  return children.flat().filter((child) => child !== null && child !== undefined && child !== false);
}
