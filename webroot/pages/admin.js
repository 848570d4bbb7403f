// Who may act: the administrator's token, given and forgotten.
import { fill, h } from "../dom.js";
import { reconnect } from "../feed.js";
import { icon } from "../icons.js";
import { announce } from "../parts/notice.js";
import { go } from "../router.js";
import { session } from "../session.js";
import { change, listen, store } from "../store.js";

export function adminPage(outlet) {
  const input = h("input", { type: "password", autocomplete: "current-password", required: true, "aria-describedby": "token-rule" });
  const form = h("form.token", { onsubmit: (event) => { event.preventDefault(); enter(input.value.trim()); } },
    h("label.named", {}, h("span.label", {}, "Token"), input),
    h("button.primary", { type: "submit" }, icon("admin"), h("span", {}, "Enter")));
  const state = h("p.lead");
  const leave = h("button", { type: "button", onclick: forget }, icon("kick"), h("span", {}, "Forget the token in this browser"));

  fill(outlet,
    h("header.head", {}, h("h1", {}, "Administrator")),
    h("section.step", {}, state, form,
      h("p.soft", { id: "token-rule" }, "It is the web.adminToken of the configuration. Without one, the gateway made a token at its first start: it stands in the file admin-token beside the configuration, and in the link that the gateway prints when it starts."),
      leave));

  const end = listen(() => {
    form.hidden = store.administrator;
    leave.hidden = !store.administrator;
    fill(state, store.administrator ? "You are the administrator in this browser: you may kick publishers and viewers, and see the publish key." : "Watching needs no token, unless the gateway is private. Kicking and the publish key do.");
  });
  if (!store.administrator) input.focus();
  return { watch: { rows: [], server: true }, leave: end };
}

async function enter(token) {
  const taken = await session.enter(token).catch(() => false);
  change(() => (store.administrator = taken));
  announce(taken ? "You are the administrator" : "The gateway does not take this token", { failed: !taken });
  if (taken) {
    reconnect();
    go("#/streams");
  }
}

function forget() {
  session.forget();
  change(() => (store.administrator = false));
  announce("The token is forgotten");
  reconnect();
}
