// One message as an element: who, when, what, and what can be pressed.

import { avatar, h, name } from "./dom.js";
import { attachmentNode, embedNode } from "./embed.js";
import { componentRows } from "./components.js";
import { markdown } from "./markdown.js";
import { menuButton } from "./menu.js";
import { EPHEMERAL, LOADING } from "./store.js";
import { stamp } from "./time.js";

const TOGETHER_MS = 7 * 60 * 1000;

export const displayName = (user, member) => member?.nick || user?.global_name || user?.username || "unknown person";

const invoked = (message) => message.interaction_metadata ?? message.interaction;
const isSystem = (message) => ![0, 19, 20, 23].includes(message.type ?? 0);

// Does `message` go on where `before` ended, so that its author need not be named again?
export function goesOn(before, message) {
  return Boolean(before) && !isSystem(before) && !isSystem(message) && before.author?.id === message.author?.id
    && !invoked(message)?.id && !message.message_reference && !(before.flags & EPHEMERAL) && !(message.flags & EPHEMERAL)
    && Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER_MS;
}

export function messageNode(message, before, world) {
  if (isSystem(message)) return systemNode(message, world);
  const private_ = Boolean(message.flags & EPHEMERAL);
  const together = goesOn(before, message);
  const who = displayName(message.author, message.member);
  const classes = ["message", together && "together", private_ && "private", world.mentionsMe(message) && "for-me"].filter(Boolean).join(" ");
  return h("li", { class: classes, id: `m${message.id}`, "data-id": message.id },
    h("article", { "aria-label": `${who}`, tabindex: "-1" },
      ask(message),
      !together && avatar(message.author),
      !together && h("header", {}, name(who, { class: "author" }), message.author?.bot && h("span", { class: "tag" }, "App"), stamp(message.timestamp)),
      h("div", { class: "body" },
        content(message, world),
        (message.embeds ?? []).map((embed) => embedNode(embed, world)),
        loose(message).map(attachmentNode),
        componentRows(message, (data) => world.press(message, data), world.store),
        message.thread && threadLink(message.thread, world),
        private_ && h("p", { class: "only-you" }, "Only you can see this · ", h("button", { type: "button", class: "link", onclick: () => world.dismiss(message) }, "Dismiss"))),
      !(message.flags & LOADING) && h("div", { class: "corner" }, menuButton(message, world))));
}

// The line above an answer: who asked for it, and with what.
function ask(message) {
  const asked = invoked(message);
  if (message.type === 20 && asked?.user) {
    const command = message.interaction?.name ?? asked.name;
    return h("p", { class: "asked" }, name(displayName(asked.user, message.interaction?.member)), command ? [" used ", h("span", { class: "mention" }, `/${command}`)] : " used a command");
  }
  if (message.type === 23 && asked?.user) return h("p", { class: "asked" }, name(displayName(asked.user)), " used a command of a message's menu");
  if (message.type === 19 && message.referenced_message) {
    const before = message.referenced_message;
    return h("p", { class: "asked" }, "in answer to ", name(displayName(before.author)), ": ", h("span", { class: "quoted", dir: "auto" }, (before.content || before.embeds?.[0]?.title || "a message").slice(0, 80)));
  }
  return null;
}

// A file that an embed shows as its picture is not shown a second time below it.
function loose({ attachments = [], embeds = [] }) {
  const shown = new Set(embeds.flatMap((embed) => [embed.image?.url, embed.thumbnail?.url]));
  return attachments.filter((attachment) => !shown.has(attachment.url));
}

function content(message, world) {
  if (message.flags & LOADING) {
    return h("p", { class: "thinking" }, name(displayName(message.author)), " is thinking", h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
  }
  if (!message.content) return null;
  const node = h("div", { class: "content", dir: "auto" }, markdown(message.content, world));
  if (message.edited_timestamp) (node.lastElementChild?.matches("p") ? node.lastElementChild : node).append(h("span", { class: "edited", title: message.edited_timestamp }, " (edited)"));
  return node;
}

function threadLink(thread, world) {
  const count = thread.message_count ?? 0;
  return h("button", { type: "button", class: "thread-link", onclick: () => world.openChannel(thread.id) },
    h("span", { class: "thread-name" }, "↳ ", name(thread.name)),
    h("span", { class: "thread-count" }, count === 1 ? "1 message" : count ? `${count} messages` : "Open the thread"));
}

function systemNode(message, world) {
  const who = name(displayName(message.author, message.member), { class: "author" });
  const thread = message.thread?.id ?? message.message_reference?.channel_id;
  const openThread = h("button", { type: "button", class: "link", onclick: () => world.openChannel(thread) }, name(message.content || "a thread"));
  const says = {
    6: [who, " pinned a message to this channel."],
    7: [who, " arrived."],
    18: [who, " started a thread: ", openThread],
    21: ["The thread began with a message in the channel above."],
  }[message.type] ?? [who, " ", message.content];
  return h("li", { class: "message system", "data-id": message.id }, h("p", {}, says, " ", stamp(message.timestamp)));
}

// One line for people who listen instead of looking.
export function spoken(message) {
  const embed = message.embeds?.[0];
  const text = [message.content, embed?.title, embed?.description].filter(Boolean).join(". ") || (message.flags & LOADING ? "is thinking" : "sent something");
  return `${displayName(message.author, message.member)}${message.flags & EPHEMERAL ? ", only to you" : ""}: ${text.slice(0, 240)}`;
}
