// NetGroups: who is in them, what the gateway sent and what the members spared it, and the mesh as a ring.
import { fill, h, svg, write } from "../dom.js";
import { bytes, count, span, utc } from "../format.js";
import { row, table } from "../parts/table.js";
import { api } from "../session.js";
import { gatewayNow } from "../store.js";

const GROUPS = ["Group", "Members", "Joins a minute", "Leaves a minute", "Sent by the gateway", "Spared by members"];
const STREAMS = ["Stream", "In the group", "Way", "Neighbours", "State", "Pushed", "Pulled"];
const MEMBERS = ["Member", "Address", "Connection", "Here for", "Introduced to"];
const REFRESH_MILLIS = 2000;

/** More members than this are a table only. */
const DRAWN = 200;

/** Digits of an id that are enough for people. */
const SHORT = 12;

export function groupsPage(outlet, chosen) {
  const groups = table("Groups", GROUPS);
  const empty = h("p.soft", {}, "Nobody is in a group. Members join with an RTMFP client; the gateway's own streams go into a group with ", h("code", {}, "groups.streams"), ".");
  const trouble = h("p.soft", { role: "status" });
  const one = chosen ? groupView(chosen) : null;
  fill(outlet,
    h("header.head", {}, h("h1", {}, "Groups")),
    trouble,
    h("section", {}, groups.element, empty),
    one && one.sections,
    h("p.soft", {}, "As JSON: ", h("a", { href: "/api/v1/groups" }, "/api/v1/groups"), "."));

  let left = false;

  async function update() {
    try {
      const all = await api("groups");
      if (left) return;
      fill(groups.body, all.map((group) => row(GROUPS, [
        h("a", { href: `#/groups/${group.id}`, title: group.id, "aria-current": group.id === chosen ? "true" : null }, nameOf(group)),
        count(group.size), count(group.joinsAMinute), count(group.leavesAMinute), bytes(group.bytesSent), bytes(group.bytesSpared)])));
      groups.element.hidden = all.length === 0;
      empty.hidden = all.length !== 0;
      write(trouble, "");
      if (one) await one.update();
    } catch (error) {
      if (!left) write(trouble, `The groups cannot be shown: ${error.message}`);
    }
  }

  const timer = setInterval(() => document.hidden || update(), REFRESH_MILLIS);
  update();
  return {
    watch: { rows: [] },
    leave() {
      left = true;
      clearInterval(timer);
    },
  };
}

function nameOf(group) {
  return group.name || `${group.id.slice(0, SHORT)}…`;
}

/** The sections about one group, and what brings them up to date. */
function groupView(id) {
  const title = h("h2", {}, "Group");
  const streams = table("Streams of the gateway in this group", STREAMS);
  const members = table("Members", MEMBERS);
  const picture = h("div.mesh");
  const said = h("p.soft");
  const own = h("section", {}, h("h2", {}, "Streams of the gateway"), streams.element);
  const sections = [h("section", {}, title, said, picture), own, h("section", {}, h("h2", {}, "Members"), members.element)];
  let drawn = "";

  async function update() {
    let group;
    try {
      group = await api(`groups/${id}`);
    } catch (error) {
      write(said, error.message);
      fill(members.body);
      fill(picture);
      return;
    }
    write(title, `Group ${nameOf(group)}`);
    own.hidden = group.streams.length === 0;
    fill(streams.body, group.streams.map((stream) => row(STREAMS, [
      stream.stream, stream.name, stream.direction === "to" ? "into the group" : "from the group", count(stream.neighbours),
      stream.live ? "live" : "waits", bytes(stream.pushed), bytes(stream.pulled)])));
    fill(members.body, group.members.map((member) => row(MEMBERS, [
      h("span", { title: member.peer }, `${member.peer.slice(0, SHORT)}…`),
      member.address, member.client || "this gateway",
      h("span", { title: `since ${utc(member.since)}` }, span(gatewayNow() - member.since)), count(member.introduced.length)])));
    const shape = JSON.stringify(group.members.map((m) => [m.peer, m.introduced]));
    if (shape === drawn) return;
    drawn = shape;
    const edges = edgesOf(group.members);
    const few = group.size <= DRAWN;
    fill(picture, few && group.size > 0 ? mesh(group, edges) : null);
    write(said, few
      ? `${count(group.size)} members in the order of the ring, ${count(edges.length)} introductions between them: the gateway's own member is filled.`
      : `${count(group.size)} members: the first ${count(group.members.length)} of the ring are listed, a picture is drawn up to ${DRAWN}.`);
  }

  return { sections, update };
}

/** Pairs of places on the ring, each once. */
function edgesOf(members) {
  const place = new Map(members.map((member, i) => [member.peer, i]));
  const edges = [];
  members.forEach((member, i) => member.introduced.forEach((other) => {
    const j = place.get(other);
    if (j !== undefined && i < j) edges.push([i, j]);
  }));
  return edges;
}

const SIZE = 400;
const RADIUS = 180;

function mesh(group, edges) {
  const point = (i) => {
    const angle = (2 * Math.PI * i) / group.members.length;
    return [SIZE / 2 + RADIUS * Math.sin(angle), SIZE / 2 - RADIUS * Math.cos(angle)];
  };
  const lines = edges.map(([i, j]) => {
    const [x1, y1] = point(i);
    const [x2, y2] = point(j);
    return svg("line", { x1, y1, x2, y2 });
  });
  const dots = group.members.map((member, i) => {
    const [cx, cy] = point(i);
    const dot = svg("circle", { cx, cy, r: member.client ? 4 : 7, class: member.client ? "member" : "gateway" });
    dot.append(svg("title", {}, `${member.peer.slice(0, SHORT)} ${member.address}`));
    return dot;
  });
  return svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": `The mesh of ${group.members.length} members; the table below says the same` },
    ...lines, ...dots);
}
