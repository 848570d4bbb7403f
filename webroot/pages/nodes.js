// Every node of the cluster: what runs there, and what an administrator may change while it runs.
import { fill, h, write } from "../dom.js";
import { clock, count } from "../format.js";
import { chip } from "../parts/chip.js";
import { announce, confirm } from "../parts/notice.js";
import { row, table } from "../parts/table.js";
import { api, session } from "../session.js";

const LOOK_MILLIS = 2000;
const VERTICLES = ["Verticle", "Instances", "Port", "Tried again", ""];
const HISTORY = ["When", "What", "Verticle", "Instances", "Why"];

/** Those that cannot be changed: the others stand on them. */
const FIXED = ["access", "registry", "relay"];

/** Those whose number of instances can be changed. */
const SCALED = ["rtmp", "web"];

export function nodesPage(outlet) {
  const said = h("p.soft", { role: "status" }, "Asking …");
  const list = h("div");
  let shown = "";
  let gone = false;

  fill(outlet,
    h("header.head", {}, h("h1", {}, "Nodes")), said, list,
    h("p.soft", {}, "As JSON: ", h("a", { href: "/api/v1/nodes" }, "/api/v1/nodes"), "."));

  async function look() {
    try {
      const nodes = await api("nodes");
      const states = await Promise.all(nodes.map((node) => api(`nodes/${node.node}/verticles`).catch(() => null)));
      if (gone) return;
      write(said, nodes.length === 1 ? "This node is alone." : `${count(nodes.length)} nodes`);
      const now = JSON.stringify([nodes, states, session.token !== ""]);
      if (now === shown) return;
      shown = now;
      fill(list, nodes.map((node, i) => panel(node, states[i])));
    } catch (error) {
      if (!gone) write(said, `No answer: ${error.message}`);
    }
  }

  function panel(node, state) {
    const title = h("h2", {}, node.node, " ", node.here ? chip("good", "good", "This node") : "", node.draining ? chip("warn", "warn", "Drains") : "");
    const doors = Object.values(node.doors || {}).join("  ");
    if (!state) return h("section", {}, title, h("p", {}, "It does not answer."));
    const verticles = table(`Verticles of ${node.node}`, VERTICLES);
    fill(verticles.body, [
      ...state.verticles.map((one) => row(VERTICLES, [one.name, count(one.instances), one.port ? String(one.port) : "none", count(one.restarts), actions(node, one)])),
      ...state.notRunning.map((name) => row(VERTICLES, [name, "0", "none", "0", button("Deploy", () => change(node, name, "POST"))])),
    ]);
    const history = table(`Changes at ${node.node}`, HISTORY);
    fill(history.body, state.history.map((one) => row(HISTORY, [clock(one.at), one.what, one.name, count(one.instances), one.why || "–"])));
    history.element.hidden = state.history.length === 0;
    return h("section", {}, title, h("p.soft", {}, `${doors}  ${node.address || ""}`), verticles.element, history.element,
      session.token && !node.draining ? button("Empty and end this node", () => drain(node), "button.danger") : "");
  }

  function actions(node, one) {
    if (FIXED.includes(one.name) || !session.token) return "";
    const more = SCALED.includes(one.name)
      ? [button("One more", () => change(node, one.name, "POST", one.instances + 1)), one.instances > 1 ? button("One less", () => change(node, one.name, "POST", one.instances - 1)) : ""]
      : [];
    return h("span", {}, ...more, button("Undeploy", () => undeploy(node, one.name), "button.danger"));
  }

  function button(word, action, kind = "button") {
    return session.token ? h(kind, { type: "button", onclick: action }, word) : "";
  }

  async function undeploy(node, name) {
    if (await confirm(`Undeploy ${name}?`, `Everybody who is connected to ${name} at node ${node.node} is disconnected.`, "Undeploy")) change(node, name, "DELETE");
  }

  async function drain(node) {
    if (!(await confirm(`End node ${node.node}?`, "It takes no newcomers, sends its clients to other nodes and ends within 30 s.", "End"))) return;
    act(() => api(`nodes/${node.node}/drain`, { method: "POST" }), `Node ${node.node} drains`);
  }

  function change(node, name, method, instances) {
    const body = instances ? JSON.stringify({ instances }) : undefined;
    act(() => api(`nodes/${node.node}/verticles/${name}`, { method, body }), `Changed ${name}`);
  }

  async function act(action, done) {
    try {
      await action();
      announce(done);
    } catch (error) {
      announce(`Not done: ${error.message}`, { failed: true });
    }
    look();
  }

  const timer = setInterval(look, LOOK_MILLIS);
  look();
  return { watch: { rows: [], server: false }, leave: () => { gone = true; clearInterval(timer); } };
}
