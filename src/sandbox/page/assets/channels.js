// The list of channels, each with its open threads, and how much in it is unread.

import { h, name, replace } from "./dom.js";
import { displayName } from "./message.js";

export function drawChannels(node, store, open) {
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  const direct = store.directMessages();
  replace(node,
    h("ul", {}, store.textChannels().map((channel) => h("li", {},
      entry(channel, "#", store, open),
      threads(channel, store, open)))),
    direct.length ? [h("h2", {}, "Direct messages"), h("ul", {}, direct.map((channel) => h("li", {}, entry(channel, "@", store, open))))] : null);
  if (focused) node.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function threads(channel, store, open) {
  const list = store.threadsOf(channel.id);
  if (!list.length) return null;
  return h("ul", { class: "threads", "aria-label": `Threads in ${channel.name}` }, list.map((thread) => h("li", {}, entry(thread, "↳", store, open))));
}

function entry(channel, sign, store, open) {
  const unread = store.unread.get(channel.id);
  const current = store.open === channel.id;
  const said = unread ? `, ${unread.count} unread${unread.mentions ? `, ${unread.mentions} for you` : ""}` : "";
  return h("button", {
    type: "button",
    class: `channel ${unread ? "unread" : ""}`,
    "aria-current": current ? "page" : undefined,
    "data-channel": channel.id,
    onclick: () => open(channel.id),
  },
  h("span", { class: "sign", "aria-hidden": "true" }, sign),
  name(channelName(channel), { class: "label" }),
  said && h("span", { class: "unseen" }, said),
  unread?.mentions ? h("span", { class: "count", "aria-hidden": "true" }, String(unread.mentions)) : null);
}

export function channelName(channel) {
  if (!channel) return "a channel";
  if (channel.type === 1) return displayName(channel.recipients?.[0]);
  return channel.name ?? "unnamed";
}
