// The list above the message box: something to pick, by arrow keys or by pointer. What the picks mean is
// the composer's; a listener hears the active one through the box's aria-activedescendant.

import { h, replace } from "./dom.js";

export class Suggest {
  constructor(node, box) {
    this.node = node;
    this.box = box;
    this.items = [];
    this.active = -1;
  }

  // From now on it belongs to this field.
  at(box) {
    if (box === this.box) return;
    this.hide();
    this.box = box;
  }

  get isOpen() {
    return this.items.length > 0;
  }

  // items: [{ label, detail, tag, pick }]
  show(title, items, active = -1) {
    this.items = items.slice(0, 25);
    this.active = Math.min(active, this.items.length - 1);
    this.node.hidden = !this.isOpen;
    if (this.box.role === "combobox") this.box.setAttribute("aria-expanded", String(this.isOpen));
    this.node.setAttribute("aria-label", title || "Suggestions");
    replace(this.node, this.isOpen && h("div", { class: "suggest-title", "aria-hidden": "true" }, title), this.items.map((item, at) =>
      h("div", { role: "option", id: `suggest-${at}`, class: "suggestion", onmousedown: (event) => event.preventDefault(), onclick: () => item.pick() },
        h("span", { class: "suggestion-label", dir: "auto" }, item.label),
        item.tag && h("span", { class: "suggestion-tag" }, item.tag),
        item.detail && h("span", { class: "suggestion-detail", dir: "auto" }, item.detail))));
    this.mark();
  }

  hide() {
    this.show("", []);
  }

  move(step) {
    const count = this.items.length;
    this.active = this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count;
    this.mark();
  }

  point(at) {
    this.active = at;
    this.mark();
  }

  mark() {
    this.node.querySelectorAll('[role="option"]').forEach((node, at) => {
      const active = at === this.active;
      node.setAttribute("aria-selected", String(active));
      if (active) node.scrollIntoView({ block: "nearest" });
    });
    if (this.active >= 0) this.box.setAttribute("aria-activedescendant", `suggest-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  // Picks the active one, or the first if `orFirst`; false if there was nothing to pick.
  pick(orFirst = false) {
    const item = this.items[this.active] ?? (orFirst ? this.items[0] : undefined);
    item?.pick();
    return Boolean(item);
  }
}
