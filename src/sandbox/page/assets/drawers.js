// The two sides at narrow widths: each slides over the messages, takes the keyboard while it is open,
// and gives it back.

import { byId } from "./dom.js";

const NARROW = matchMedia("(max-width: 760px)");
const MEDIUM = matchMedia("(max-width: 1100px)");

class Drawer {
  constructor(side, button, close, media) {
    this.side = byId(side);
    this.button = byId(button);
    this.media = media;
    this.wanted = !media.matches; // wide: shown unless put away
    this.button.addEventListener("click", () => this.set(!this.wanted));
    // What closes it may be made later than this.
    this.side.addEventListener("click", (event) => { if (event.target.closest(`#${close}`)) this.set(false); });
    media.addEventListener("change", () => { this.wanted = !media.matches; this.apply(); });
    this.apply();
  }

  get floats() {
    return this.media.matches;
  }

  set(wanted) {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.apply();
    if (this.floats) (wanted ? this.side.querySelector("button, input") : this.button)?.focus();
  }

  apply() {
    this.side.classList.toggle("away", !this.wanted);
    this.side.inert = !this.wanted;
    this.button.setAttribute("aria-expanded", String(this.wanted));
    byId("veil").hidden = !drawers.some((drawer) => drawer.floats && drawer.wanted);
  }
}

const drawers = [];

export function makeDrawers() {
  drawers.push(new Drawer("sidebar", "open-sidebar", "close-sidebar", NARROW));
  drawers.push(new Drawer("panel", "toggle-panel", "close-panel", MEDIUM));
  byId("veil").addEventListener("click", closeDrawers);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeDrawers(); });
}

export function closeDrawers() {
  for (const drawer of drawers) if (drawer.floats) drawer.set(false);
}
