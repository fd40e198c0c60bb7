// The guided tour: shows one step of the story at a time above the message box, and goes on when what it asks
// for has really happened, whoever did it and however. It can be left at any time and taken up again. All
// windows of this browser share how far one is.

import { announce, byId, h, replace } from "./dom.js";
import { address, PEOPLE } from "./people.js";
import { STORY } from "./story.js";

const KEY = "muster-tour";
const FRESH = { journal: null, at: 0, seq: 0, open: true, far: false };

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
    this.news.on("journal", (id) => {
      if (this.state.journal !== id) this.set({ ...FRESH, journal: id, open: this.state.journal === null || this.state.open });
    });
    this.news.on("commits", (commits) => this.look(commits));
    this.services.onState((services) => this.lookAt(services));
    this.draw();
  }

  get step() {
    return STORY[this.state.at];
  }

  set(change) {
    this.state = { ...this.state, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.state));
    } catch { /* then every window walks by itself */ }
    this.draw();
  }

  // Has what a commit tells been waited for? Several steps may be done by commits that come at once.
  look(commits) {
    for (const commit of commits) {
      if (commit.seq <= this.state.seq) continue;
      const { step } = this;
      if (!step) return;
      if (step.after && !this.state.far) {
        if (fits(step.after, commit)) this.set({ far: true, seq: commit.seq });
        continue;
      }
      if (step.seen.event && fits(step.seen, commit)) this.done(commit.seq);
      // Nobody has to break a service here: it may be broken already, or the tour was joined later.
      else if (step.seen.service && STORY[1].seen.event && fits(STORY[1].seen, commit)) this.set({ at: 2, seq: commit.seq });
    }
  }

  lookAt(services) {
    const wanted = this.step?.seen.service;
    if (wanted && services.some((service) => service.name === wanted && !service.healthy)) this.done(this.state.seq);
  }

  opened(channel) {
    if (this.step?.seen.channel && this.step.seen.channel === channel) this.done(this.state.seq);
  }

  done(seq) {
    const { step } = this;
    this.set({ at: this.state.at + 1, seq, far: false });
    if (this.state.open) announce(`Done: ${step.title}. ${this.step ? `Next: ${this.step.title}. ${this.step.text}` : "That was the tour."}`);
  }

  draw() {
    const { open, at } = this.state;
    this.node.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const shown = JSON.stringify([this.state.at, this.state.far]);
    if (shown === this.shown) return;
    this.shown = shown;
    const held = this.node.contains(document.activeElement);
    const leave = h("button", { type: "button", class: "quiet leave", onclick: () => { this.set({ open: false }); this.button.focus(); } }, this.step ? "Leave the tour" : "Close");
    const marks = h("ol", { class: "marks", "aria-label": "Steps of the tour" }, STORY.map((step, index) => h("li", { class: index < at ? "past" : index === at ? "here" : "", "aria-current": index === at ? "step" : undefined, title: step.title }, h("span", { class: "unseen" }, `${step.title}${index < at ? ", done" : ""}`))));
    replace(this.node, h("header", {}, h("h2", {}, this.step ? `${at + 1} of ${STORY.length}: ${this.step.title}` : "That was an incident, from break to report."), marks, leave), this.step ? this.body(this.step) : this.farewell());
    if (held) this.node.querySelector(".tour-do, .leave")?.focus();
  }

  body(step) {
    const other = step.as && step.as !== this.me.key ? PEOPLE.find((person) => person.key === step.as) : null;
    const waiting = step.after && !this.state.far;
    return h("div", { class: "tour-body" }, h("p", {}, step.text, waiting ? h("span", { class: "subtext" }, " The run is under way.") : ""), h("p", { class: "tour-acts" },
      step.act && h("button", { type: "button", class: "control small primary tour-do", onclick: () => this.act(step.act) }, step.act.label),
      other && h("a", { class: "control small primary tour-do", href: address(other, this.here()), target: `muster-${other.key}`, rel: "opener" }, `Be the ${other.key} in a second window ↗`),
      !other && step.command && h("button", { type: "button", class: "control small primary tour-do", onclick: () => this.use(step.command) }, "Type it for me"),
      !other && step.command && h("code", {}, step.command),
      step.channel && h("button", { type: "button", class: "control small primary tour-do", onclick: () => this.openChannel(step.channel) }, `Open #${step.channel}`)));
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
  return commit.events.some((event) => {
    const about = typeof event === "string" ? (event === seen.event ? {} : undefined) : event[seen.event];
    return about !== undefined && Object.entries(seen.where ?? {}).every(([path, value]) => path.split(".").reduce((at, key) => at?.[key], about) === value);
  });
}
