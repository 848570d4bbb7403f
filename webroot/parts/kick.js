// Ending somebody's connection.
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { go } from "../router.js";
import { api } from "../session.js";
import { store } from "../store.js";
import { announce, confirm, open } from "./notice.js";

/** A button that asks first; who: "the publisher", client: an id of the API. */
export function kickButton(who, client) {
  return h("button.danger", { type: "button", onclick: () => kick(who, client()) }, icon("kick"), h("span", {}, "Kick"));
}

async function kick(who, client) {
  if (!client) return;
  if (!store.administrator) {
    needToken();
    return;
  }
  if (!(await confirm(`Kick ${who}?`, `The connection ${client} is closed. Many programs connect again by themselves.`, "Kick"))) return;
  try {
    await api(`clients/${client}/kick`, { method: "POST" });
    announce(`Kicked ${who}`);
  } catch (error) {
    announce(`Not kicked: ${error.message}`, { failed: true });
  }
}

function needToken() {
  const buttons = [h("button", { type: "submit", value: "no" }, "Close"), h("button.primary", { type: "submit", value: "yes" }, "Give the token")];
  open("Administrator's token needed", [h("p", {}, "Kicking is for the administrator. Open the link that the gateway printed when it started, or give its token.")], buttons,
    (value) => value === "yes" && go("#/admin"));
}
