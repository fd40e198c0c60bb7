// The menu of a message: the application's message commands, and what a client does itself. By pointer on the
// dots or with the right button; by keyboard from the message that has the focus.

import { announce, h } from "./dom.js";
import { EPHEMERAL } from "./store.js";

const MESSAGE_COMMAND = 3;
let shown = null;

// The dots at a message's corner.
export function menuButton(message, world) {
  const node = h("button", {
    type: "button", class: "dots-button", tabindex: "-1", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false", title: "More",
    onclick: () => (shown?.button === node ? closeMenu(true) : openMenu(message, world, node)),
  }, "⋯");
  return node;
}

export function closeMenu(back = false) {
  if (!shown) return;
  const { menu, button, before } = shown;
  shown = null;
  button.setAttribute("aria-expanded", "false");
  menu.remove();
  if (back) (before ?? button).focus();
}

export function openMenu(message, world, button, before = null) {
  closeMenu();
  const menu = h("div", { class: "menu", role: "menu", "aria-label": "Message", onkeydown: key, onfocusout: (event) => { if (!menu.contains(event.relatedTarget) && event.relatedTarget !== button) closeMenu(); } },
    entries(message, world).map(({ label, tag, act }) => h("button", { type: "button", role: "menuitem", tabindex: "-1", class: "menu-item", onclick: () => { closeMenu(true); act(); } }, h("span", {}, label), tag && h("span", { class: "subtext" }, tag))));
  button.after(menu);
  button.setAttribute("aria-expanded", "true");
  shown = { menu, button, before };
  const space = menu.getBoundingClientRect();
  const room = menu.closest(".scroll").getBoundingClientRect();
  if (space.bottom > room.bottom && space.top - space.height > room.top) menu.classList.add("up");
  menu.querySelector("button")?.focus();
}

function entries(message, world) {
  const commands = message.flags & EPHEMERAL ? [] : world.store.commands.filter((command) => command.type === MESSAGE_COMMAND);
  const own = commands.map((command) => ({ label: command.name, tag: "Muster", act: () => world.useOnMessage(command, message) }));
  const text = [message.content, ...(message.embeds ?? []).map((embed) => [embed.title, embed.description].filter(Boolean).join("\n"))].filter(Boolean).join("\n\n");
  return [
    ...own,
    text && { label: "Copy text", act: () => copy(text, "The text is copied") },
    { label: "Copy message id", act: () => copy(message.id, "The id is copied") },
  ].filter(Boolean);
}

async function copy(text, said) {
  await navigator.clipboard?.writeText(text).then(() => announce(said), () => announce("The browser does not let this page copy"));
}

function key(event) {
  const items = [...event.currentTarget.querySelectorAll('[role="menuitem"]')];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at + items.length - 1) % items.length, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) items[to].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
