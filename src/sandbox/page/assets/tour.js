// The guided tour: shows one step of the story at a time above the message box, and goes on when what it asks
// for has really happened, whoever did it and however. It can be left at any time and taken up again. All
// windows of this browser share how far one is.

import { announce, byId, h, replace } from "./dom.js";
import { address, PEOPLE, windowOf } from "./people.js";
import { STORY } from "./story.js";

const KEY = "muster-tour";
const FRESH = { journal: null, at: 0, part: 0, seq: 0, open: true };

export class Tour {
  // with: { me, services, news, use(text), openChannel(name), channelNamed(name) }
  constructor(parts) {
    Object.assign(this, parts);
    this.node = byId("tour");
    this.button = byId("tour-button");
    this.button.addEventListener("click", () => this.set({ open: !this.state.open }));
    this.state = { ...FRESH, ...read() };
    this.commits = [];
    addEventListener("storage", (event) => {
      if (event.key !== KEY) return;
      this.state = { ...FRESH, ...read() };
      this.draw();
    });
    // What happened before one came is no part of the tour.
    this.news.on("journal", (id) => {
      if (this.state.journal !== id) this.set({ ...FRESH, journal: id, seq: this.news.head, open: this.state.journal === null || this.state.open });
    });
    this.news.on("commits", (commits) => this.look(commits));
    this.services.onState((services) => this.lookAt(services));
    this.draw();
  }

  get step() {
    return STORY[this.state.at];
  }

  get part() {
    return this.step?.parts[this.state.part];
  }

  set(change) {
    this.state = { ...this.state, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.state));
    } catch { /* then every window walks by itself */ }
    this.draw();
  }

  // Has what a commit tells been waited for? Several parts may be done by commits that come at once.
  look(commits) {
    for (const commit of commits) {
      if (commit.seq <= this.state.seq) continue;
      if (!this.part) return;
      // One may begin anywhere: what a later part of this step or the next step waits for counts as well.
      const ahead = [...this.step.parts.slice(this.state.part).map((_, index) => [this.state.at, this.state.part + index]), [this.state.at + 1, (STORY[this.state.at + 1]?.parts.length ?? 0) - 1]];
      const found = ahead.find(([at, part]) => fits(STORY[at]?.parts[part]?.seen, commit));
      if (found) this.done(...found, commit.seq);
    }
  }

  lookAt(services) {
    const wanted = this.part?.seen.service;
    if (wanted && services.some((service) => service.name === wanted && !service.healthy)) this.done(this.state.at, this.state.part, this.state.seq);
  }

  opened(channel) {
    if (this.part?.seen.channel && this.part.seen.channel === channel) this.done(this.state.at, this.state.part, this.state.seq);
  }

  // That part of that step is done: on to the next.
  done(at, part, seq) {
    const more = part + 1 < STORY[at].parts.length;
    this.set({ at: more ? at : at + 1, part: more ? part + 1 : 0, seq });
    if (this.state.open) announce(`Done: ${STORY[at].title}. ${this.part ? `Next: ${this.step.title}. ${this.part.text}` : "That was the tour."}`);
  }

  draw() {
    const { open, at } = this.state;
    this.node.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const shown = JSON.stringify([this.state.at, this.state.part]);
    if (shown === this.shown) return;
    this.shown = shown;
    const held = this.node.contains(document.activeElement);
    const leave = h("button", { type: "button", class: "quiet leave", onclick: () => { this.set({ open: false }); this.button.focus(); } }, this.step ? "Leave the tour" : "Close");
    const marks = h("ol", { class: "marks", "aria-label": "Steps of the tour" }, STORY.map((step, index) => h("li", { class: index < at ? "past" : index === at ? "here" : "", "aria-current": index === at ? "step" : undefined, title: step.title }, h("span", { class: "unseen" }, `${step.title}${index < at ? ", done" : ""}`))));
    replace(this.node, h("header", {}, h("h2", {}, this.step ? `${at + 1} of ${STORY.length}: ${this.step.title}` : "That was an incident, from break to report."), marks, leave), this.part ? this.body(this.part) : this.farewell());
    if (held) this.node.querySelector(".tour-do, .leave")?.focus();
  }

  body(part) {
    const other = part.as && part.as !== this.me.key ? PEOPLE.find((person) => person.key === part.as) : null;
    return h("div", { class: "tour-body" }, h("p", {}, part.text), h("p", { class: "tour-acts" },
      part.act && h("button", { type: "button", class: "control small primary tour-do", onclick: () => this.act(part.act) }, part.act.label),
      other && h("a", { class: "control small primary tour-do", href: address(other, this.here()), target: windowOf(other), rel: "opener" }, `Be the ${other.key} in a second window ↗`),
      !other && part.command && h("button", { type: "button", class: "control small primary tour-do", onclick: () => this.use(part.command) }, "Type it for me"),
      !other && part.command && h("code", {}, part.command),
      h("button", { type: "button", class: "link skip-step", onclick: () => this.done(this.state.at, this.step.parts.length - 1, this.state.seq) }, "Skip this step"),
      part.channel && h("button", { type: "button", class: "control small primary tour-do", onclick: () => this.openChannel(part.channel) }, `Open #${part.channel}`)));
  }

  farewell() {
    return h("div", { class: "tour-body" }, h("p", {}, "Try what you like: another service, another fault, Discord down in the middle of it. In your own server it works the same."), h("p", { class: "tour-acts" },
      h("button", { type: "button", class: "control small secondary tour-do", onclick: () => this.set({ ...FRESH, journal: this.state.journal, seq: this.news.commits.at(-1)?.seq ?? 0 }) }, "Once more from the beginning")));
  }

  act({ service, fault }) {
    this.services.ask("POST", "/break", { service, fault });
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

// Does a commit hold what a step waits for?
function fits(seen, commit) {
  if (!seen?.event) return false;
  return commit.events.some((event) => {
    const about = typeof event === "string" ? (event === seen.event ? {} : undefined) : event[seen.event];
    return about !== undefined && Object.entries(seen.where ?? {}).every(([path, value]) => path.split(".").reduce((at, key) => at?.[key], about) === value);
  });
}
