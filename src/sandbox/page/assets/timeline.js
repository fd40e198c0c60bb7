// The list of messages of the open channel: kept at its end while one reads there, kept still while one
// reads above, filled from above with what is older. Only what changed is drawn again, and only a window of
// what is known stands in the page: ten thousand messages cost what three hundred do.

import { PAGE } from "./api.js";
import { announce, byId, h, replace } from "./dom.js";
import { closeMenu, openMenu } from "./menu.js";
import { goesOn, messageNode, spoken } from "./message.js";
import { dayName, sameDay, whoseTime } from "./time.js";

const NEAR_END = 80; // px
const AHEAD = 900; // px that are drawn before one gets there
const STEP = 40; // messages that the window moves by
const MOST = 320; // messages in the window

export class Timeline {
  constructor(store, api, world) {
    this.store = store;
    this.api = api;
    this.world = world;
    this.scroll = byId("scroll");
    this.list = byId("messages");
    this.older = byId("older");
    this.jump = byId("jump");
    this.complete = new Set(); // channels whose first message is known
    this.pending = new Map(); // nonce → what was sent and is not answered
    this.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd());
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    this.scroll.addEventListener("contextmenu", (event) => this.menu(event));
    store.on("message", (message, isNew) => this.changed(message, isNew));
    store.on("message-gone", (channel, id) => channel === this.channel && this.gone(id));
    // Pictures and fonts settle after the text, an answer grows in place, the tour takes its room: stay at the end.
    const settled = new ResizeObserver(() => this.atEnd && this.toEnd());
    settled.observe(this.list);
    settled.observe(this.scroll);
  }

  // Arrows walk from message to message; Enter or the menu key opens a message's menu.
  key(event) {
    const here = document.activeElement?.closest?.("[data-id]");
    const onMessage = here && document.activeElement.matches("article");
    if (document.activeElement !== this.scroll && !onMessage) return undefined;
    const all = () => [...this.list.querySelectorAll(".message > article")];
    const step = (by) => {
      const nodes = all();
      const at = onMessage ? nodes.indexOf(document.activeElement) + by : nodes.length - 1;
      nodes[Math.max(0, Math.min(at, nodes.length - 1))]?.focus({ preventScroll: true });
      document.activeElement.scrollIntoView({ block: "nearest" });
    };
    if (event.key === "ArrowUp") step(-1);
    else if (event.key === "ArrowDown" && onMessage) step(1);
    else if (event.key === "Home" && onMessage) all()[0]?.focus();
    else if (event.key === "End") all().at(-1)?.focus();
    else if (onMessage && (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) this.openMenu(here, document.activeElement);
    else return undefined;
    return event.preventDefault();
  }

  menu(event) {
    const node = event.target.closest(".message");
    // A link or picked text keeps the browser's own menu.
    if (!node || event.target.closest("a, input, textarea, .menu") || String(getSelection())) return;
    if (this.openMenu(node)) event.preventDefault();
  }

  openMenu(node, before = null) {
    const message = this.store.messagesOf(this.channel)?.get(node.dataset.id);
    const button = node.querySelector(".dots-button");
    if (!message || !button) return false;
    openMenu(message, this.world, button, before);
    return true;
  }

  async open(channel) {
    closeMenu();
    const again = channel === this.channel && !this.store.read.has(channel);
    this.channel = channel;
    this.from = 0;
    this.to = 0;
    this.top = 0;
    this.atEnd = true;
    this.jump.hidden = true;
    if (!again) this.draw(); // what is there stays until it is known anew
    if (this.store.read.has(channel)) return;
    this.scroll.setAttribute("aria-busy", "true");
    try {
      this.learn(channel, await this.api.messages(channel));
      if (channel === this.channel) this.draw();
    } catch (error) {
      if (channel === this.channel) replace(this.older, h("p", { class: "trouble" }, error.message));
    } finally {
      this.scroll.removeAttribute("aria-busy");
    }
  }

  // The newest page of a channel's history.
  learn(channel, page) {
    this.store.history(channel, page);
    this.complete.delete(channel);
    if (page.length < PAGE) this.complete.add(channel);
  }

  known() {
    return [...(this.store.messagesOf(this.channel)?.values() ?? [])];
  }

  // Draws the window anew, at the end of what is known.
  draw() {
    const all = this.known();
    this.to = all.length;
    this.from = Math.max(0, all.length - MOST + STEP);
    replace(this.list, this.slice(all, this.from, this.to), this.pendingNodes());
    this.drawBeginning();
    if (this.atEnd && all.length) this.toEnd();
  }

  slice(all, from, to) {
    return all.slice(from, to).flatMap((message, at) => this.nodes(message, all[from + at - 1]));
  }

  // Moves the window up or down by a step, and lets what one reads stay where it is.
  move(up) {
    const all = this.known();
    const held = this.inSight();
    const before = held?.getBoundingClientRect().top;
    if (up) {
      const from = Math.max(0, this.from - STEP);
      this.list.prepend(...this.slice(all, from, this.from));
      this.from = from;
      const to = Math.min(this.to, from + MOST);
      all.slice(to, this.to).forEach((message) => this.drop(message.id));
      this.to = to;
    } else {
      const to = Math.min(all.length, this.to + STEP);
      const end = this.list.querySelector(".pending");
      for (const node of this.slice(all, this.to, to)) this.list.insertBefore(node, end);
      this.to = to;
      const from = Math.max(this.from, to - MOST);
      all.slice(this.from, from).forEach((message) => this.drop(message.id));
      this.from = from;
    }
    this.drawBeginning();
    if (held?.isConnected) this.scroll.scrollTop += held.getBoundingClientRect().top - before;
  }

  inSight() {
    const { top } = this.scroll.getBoundingClientRect();
    return [...this.list.children].find((node) => node.getBoundingClientRect().bottom > top);
  }

  drop(id) {
    const node = this.find(id);
    if (node?.previousElementSibling?.matches(".day")) node.previousElementSibling.remove();
    node?.remove();
  }

  nodes(message, before) {
    const day = before && !sameDay(before.timestamp, message.timestamp);
    const node = messageNode(message, day ? undefined : before, this.world);
    return day ? [h("li", { class: "day" }, dayName(message.timestamp)), node] : [node];
  }

  drawBeginning() {
    if (!this.store.read.has(this.channel)) return replace(this.older, h("p", {}, "Loading…"));
    if (this.from > 0) return replace(this.older, h("button", { type: "button", class: "link", onclick: () => this.move(true) }, "Older messages"));
    if (!this.complete.has(this.channel)) return replace(this.older, h("button", { type: "button", class: "link", onclick: () => this.loadOlder() }, "Older messages"));
    return replace(this.older, h("p", {}, "This is where ", h("strong", {}, this.world.channelName(this.channel)), " begins."), h("p", { class: "subtext" }, whoseTime()));
  }

  find(id) {
    return this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  changed(message, isNew) {
    if (message.channel_id !== this.channel) return;
    if (message.nonce) this.settle(String(message.nonce));
    const old = this.find(message.id);
    if (old) return this.redraw(old, message);
    const all = this.known();
    const last = all.at(-1);
    if (isNew && last?.id === message.id && this.to < all.length - 1) { // the window is elsewhere
      this.jump.hidden = false;
      return announce(spoken(message));
    }
    if (last?.id !== message.id) return isNew ? this.draw() : undefined; // it came late, or is out of the window
    const stay = this.atEnd;
    const first = this.list.querySelector(".pending");
    for (const node of this.nodes(message, all.at(-2))) this.list.insertBefore(node, first);
    this.to = all.length;
    if (stay && this.to - this.from > MOST) {
      all.slice(this.from, this.to - MOST + STEP).forEach((one) => this.drop(one.id));
      this.from = this.to - MOST + STEP;
      this.drawBeginning();
    }
    if (isNew) announce(spoken(message));
    if (stay || message.author?.id === this.store.me?.id) this.toEnd();
    else this.jump.hidden = false;
  }

  // In place: what had the keyboard keeps it, what was revealed stays so.
  redraw(old, message) {
    const all = this.known();
    const at = all.findIndex((one) => one.id === message.id);
    const before = all[at - 1] && sameDay(all[at - 1].timestamp, message.timestamp) ? all[at - 1] : undefined;
    const node = messageNode(message, before, this.world);
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const held = active?.dataset.customId;
    const shown = [...old.querySelectorAll(".spoiler")].map((one) => one.classList.contains("shown"));
    node.querySelectorAll(".spoiler").forEach((one, index) => shown[index] && one.click());
    old.replaceWith(node);
    if (held) node.querySelector(`[data-custom-id="${CSS.escape(held)}"]:enabled`)?.focus();
    // What was pressed may be gone with its answer: the keyboard stays at the message.
    if (active && !node.contains(document.activeElement)) node.querySelector(":scope > article")?.focus({ preventScroll: true });
  }

  gone(id) {
    const node = this.find(id);
    if (node) this.to -= 1;
    else return this.locate();
    const next = node?.nextElementSibling;
    if (node?.previousElementSibling?.matches(".day") && !next?.matches(".message")) node.previousElementSibling.remove();
    node?.remove();
    const message = next?.dataset.id && this.store.messagesOf(this.channel)?.get(next.dataset.id);
    if (message) this.redraw(next, message);
    return undefined;
  }

  // Shows the one message that somebody was sent to.
  point(id) {
    const node = this.find(id);
    if (!node) return;
    this.atEnd = false;
    node.scrollIntoView({ block: "center" });
    node.querySelector(":scope > article")?.focus({ preventScroll: true });
  }

  // Where the window stands in what is known, after something outside it went away.
  locate() {
    const shown = this.list.querySelectorAll(".message");
    this.from = Math.max(0, this.known().findIndex((message) => message.id === shown[0]?.dataset.id));
    this.to = this.from + shown.length;
  }

  async loadOlder() {
    const channel = this.channel;
    const oldest = this.store.messagesOf(channel)?.keys().next().value;
    if (!oldest || this.loading || !this.store.read.has(channel) || this.complete.has(channel)) return;
    this.loading = true;
    try {
      const page = await this.api.messages(channel, oldest);
      if (page.length < PAGE) this.complete.add(channel);
      this.store.history(channel, page);
      if (channel !== this.channel) return;
      const above = [...page].reverse().at(-1);
      this.from += page.length;
      this.to += page.length;
      if (above) this.rejoin(oldest, above);
      this.move(true);
    } catch (error) {
      announce(error.message);
    } finally {
      this.loading = false;
    }
  }

  // What was first is now second: it may go on from the one above it.
  rejoin(id, above) {
    const node = this.find(id);
    const message = this.store.messagesOf(this.channel).get(id);
    if (!node) return;
    if (!sameDay(above.timestamp, message.timestamp)) node.before(h("li", { class: "day" }, dayName(message.timestamp)));
    else if (goesOn(above, message)) this.redraw(node, message);
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    const below = scrollHeight - scrollTop - clientHeight;
    const whole = this.to >= (this.store.messagesOf(this.channel)?.size ?? 0);
    // Who did not go up is still at the end: it is the end that moved, and we follow.
    const up = scrollTop < this.top;
    this.top = scrollTop;
    if (whole && below < NEAR_END) this.atEnd = true;
    else if (up || !whole) this.atEnd = false;
    if (this.atEnd) this.jump.hidden = true;
    if (!whole && below < AHEAD) this.move(false);
    else if (scrollTop < AHEAD && scrollHeight > clientHeight) (this.from > 0 ? this.move(true) : this.loadOlder());
  }

  toEnd() {
    this.atEnd = true;
    this.jump.hidden = true;
    if (this.to < (this.store.messagesOf(this.channel)?.size ?? 0)) return this.draw();
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.top = this.scroll.scrollTop;
    return undefined;
  }

  // What this person sent and nobody has answered yet.
  expect(nonce, channel, text) {
    this.pending.set(nonce, { channel, text, trouble: null });
    this.drawPending();
    this.toEnd();
  }

  // What went wrong, at the end of the messages.
  complain(reason) {
    const id = `complaint ${this.pending.size} ${reason}`;
    this.pending.set(id, { channel: this.channel, text: "", trouble: null });
    this.settle(id, reason);
    this.toEnd();
  }

  settle(nonce, trouble = null) {
    if (!this.pending.has(nonce)) return;
    if (trouble) this.pending.get(nonce).trouble = trouble;
    else this.pending.delete(nonce);
    if (trouble) announce(trouble);
    this.drawPending();
  }

  drawPending() {
    for (const node of this.list.querySelectorAll(".pending")) node.remove();
    this.list.append(...this.pendingNodes());
    if (this.atEnd) this.toEnd();
  }

  pendingNodes() {
    return [...this.pending].filter(([, one]) => one.channel === this.channel).map(([nonce, { text, trouble }]) =>
      h("li", { class: `pending ${trouble ? "failed" : ""}` },
        text && h("p", {}, h("span", { dir: "auto" }, text)),
        trouble
          ? h("p", { class: "trouble" }, trouble, " · ", h("button", { type: "button", class: "link", onclick: () => this.settle(nonce) }, "Dismiss"))
          : h("p", { class: "thinking" }, "Sending", h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")))));
  }
}
