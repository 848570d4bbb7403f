// This node: what is deployed, how busy it is, and what happened.
import { fill, h, write } from "../dom.js";
import { bytes, count, span, utc } from "../format.js";
import { chip } from "../parts/chip.js";
import { eventLog } from "../parts/events.js";
import { row, table } from "../parts/table.js";
import { gatewayNow, listen, store } from "../store.js";

const VERTICLES = ["Verticle", "Instances", "Port"];
const LOOPS = ["Instance", "Loop delay", "Connections", "State"];

/** A loop that comes to its work later than this is felt by viewers. */
const BUSY_MILLIS = 50;
const BAD_MILLIS = 250;

export function serverPage(outlet) {
  const facts = {};
  const names = ["Version", "Node", "Up", "Java", "Cores"];
  const list = h("dl.facts.wide", {}, names.map((name) => h("div", {}, h("dt", {}, name), (facts[name] = h("dd", {}, "–")))));
  const heap = meter("Heap");
  const cpu = meter("CPU of this process");
  const connections = h("div.meters");
  const verticles = table("Verticles", VERTICLES);
  const loops = table("Event loops", LOOPS);
  const log = eventLog(200);
  const meters = new Map();

  fill(outlet,
    h("header.head", {}, h("h1", {}, "Server")),
    list,
    h("section", {}, h("h2", {}, "Load"), h("div.meters", {}, heap.element, cpu.element), connections),
    h("div.halves", {},
      h("section", {}, h("h2", {}, "Verticles as deployed"), verticles.element),
      h("section", {}, h("h2", {}, "Event loops"), loops.element)),
    h("section", {}, h("h2", {}, "Events"), log.element),
    h("p.soft", {}, "The same without a script: ", h("a", { href: "/status" }, "/status"), ". As JSON: ", h("a", { href: "/api/v1/server" }, "/api/v1/server"), "."));

  let shownVerticles = "";

  function update() {
    log.show(store.events);
    const { server } = store;
    if (!server) return;
    write(facts.Version, `${server.name} ${server.version}`);
    write(facts.Node, server.node);
    write(facts.Java, server.java);
    write(facts.Cores, server.cores);
    write(facts.Up, span(gatewayNow() - server.since));
    facts.Up.title = `since ${utc(server.since)}`;
    heap.show(server.memory.heapUsed, server.memory.heapMax, `${bytes(server.memory.heapUsed)} of ${bytes(server.memory.heapMax)}`);
    cpu.show(server.cpuPercent, 100, `${server.cpuPercent} % of all cores`);
    for (const [name, { now, max }] of Object.entries(server.connections)) {
      if (!meters.has(name)) {
        meters.set(name, meter(`Connections, ${name}`));
        connections.append(meters.get(name).element);
      }
      meters.get(name).show(now, max || 0, max ? `${count(now)} of ${count(max)}` : count(now));
    }
    const said = JSON.stringify(server.verticles);
    if (said !== shownVerticles) {
      shownVerticles = said;
      fill(verticles.body, server.verticles.map((one) => row(VERTICLES, [one.name, count(one.instances), one.port ? String(one.port) : "none"])));
    }
    fill(loops.body, server.loops.map((loop) => row(LOOPS, [loop.source, `${count(loop.delayMillis)} ms`, count(loop.connections), loopChip(loop.delayMillis)])));
  }

  const end = listen(update);
  return { watch: { rows: [], server: true }, leave: end };
}

function loopChip(millis) {
  if (millis >= BAD_MILLIS) return chip("bad", "bad", "Blocked", "something holds this loop; viewers on it see a standstill");
  return millis >= BUSY_MILLIS ? chip("warn", "warn", "Busy") : chip("good", "good", "Good");
}

/** Used of a limit as a bar; without a limit only the number. */
function meter(name) {
  const said = h("span.number", {}, "–");
  const bar = h("meter", { min: 0, max: 1, high: 0.85, low: 0.7, optimum: 0, "aria-label": name });
  return {
    element: h("div.meter", {}, h("div.meter-line", {}, h("span", {}, name), said), bar),
    show(used, limit, text) {
      write(said, text);
      bar.hidden = !limit;
      if (limit) bar.value = used / limit;
    },
  };
}
