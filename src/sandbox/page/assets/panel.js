// The side panel: what stands behind the practice Discord, one tab each. Arrow keys walk along the tabs.

import { byId, h, replace } from "./dom.js";

export class Panel {
  // tabs: [{ id, label, node }]
  constructor(tabs) {
    this.tabs = tabs.map((tab) => ({
      ...tab,
      button: h("button", { type: "button", role: "tab", id: `tab-${tab.id}`, class: "tab", "aria-controls": `pane-${tab.id}`, onclick: () => this.show(tab.id), onkeydown: (event) => this.key(event) }, tab.label),
      pane: h("div", { role: "tabpanel", id: `pane-${tab.id}`, class: "pane", "aria-labelledby": `tab-${tab.id}`, tabindex: "0" }, tab.node),
    }));
    replace(byId("panel"),
      h("div", { class: "panel-head" }, h("h2", {}, "Backstage"),
        h("button", { type: "button", class: "quiet only-medium", id: "close-panel", "aria-label": "Close the panel" }, "×")),
      h("div", { role: "tablist", class: "tabs", "aria-label": "Backstage" }, this.tabs.map((tab) => tab.button)),
      this.tabs.map((tab) => tab.pane));
    this.show(this.tabs[0].id);
  }

  show(id) {
    this.open = id;
    for (const tab of this.tabs) {
      const here = tab.id === id;
      tab.button.setAttribute("aria-selected", String(here));
      tab.button.tabIndex = here ? 0 : -1;
      tab.pane.hidden = !here;
    }
  }

  key(event) {
    const at = this.tabs.findIndex((tab) => tab.id === this.open);
    const last = this.tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(this.tabs[to].id);
    this.tabs[to].button.focus();
  }
}
