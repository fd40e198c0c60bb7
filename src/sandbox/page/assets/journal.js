// The bot's journal as it grows, the newest first: each commit says what led to it, what happened, and what
// is owed for that; what became of an effect stands beside it, with the commit that noted it. It reads the
// journal's own JSON and knows only its shape, so that what a later version writes is shown as well.

import { h, name, replace } from "./dom.js";
import { timeNode } from "./time.js";

const KEPT = 150; // rows; older ones are in `muster export`

export class Journal {
  constructor(news) {
    this.rows = new Map(); // seq → its row
    this.owed = new Map(); // "seq.index" → where its outcome is shown
    this.all = h("input", { type: "checkbox", id: "journal-all", onchange: () => this.list.classList.toggle("with-upkeep", this.all.checked) });
    this.list = h("ol", { class: "journal", reversed: true });
    this.empty = h("p", { class: "subtext" }, "Nothing has happened yet.");
    this.node = h("div", {},
      h("p", { class: "about" }, "One log of everything: a commit is what happened ", h("span", { class: "mark event" }, "●"), " and what is owed for it ", h("span", { class: "mark effect" }, "→"), ", on disk before anybody is told."),
      h("p", { class: "journal-all" }, this.all, " ", h("label", { for: "journal-all" }, "also what only notes that an effect was done")),
      this.empty, this.list);
    news.on("journal", () => this.clear());
    news.on("commits", (commits) => commits.forEach((commit) => this.add(commit)));
  }

  clear() {
    this.rows.clear();
    this.owed.clear();
    replace(this.list);
    this.empty.hidden = false;
  }

  add(commit) {
    if (this.rows.has(commit.seq)) return;
    this.empty.hidden = true;
    const settled = commit.events.map((event) => event.settled).filter(Boolean);
    for (const one of settled) this.settle(one, commit.seq);
    const effects = commit.effects ?? [];
    // What only notes that something was done stands beside the effect already.
    const upkeep = settled.length === commit.events.length && !effects.length;
    const row = h("li", { class: `commit ${upkeep ? "upkeep" : ""}`, id: `commit-${commit.seq}` },
      h("p", { class: "commit-head" }, h("span", { class: "seq" }, `#${commit.seq}`), " ", timeNode(commit.at, "T", { class: "stamp" })),
      h("p", { class: "cause" }, this.cause(commit.cause)),
      h("ul", {}, commit.events.map((event) => this.line("event", "●", "event", event)),
        effects.map((effect, index) => this.line("effect", "→", "effect", effect, `${commit.seq}.${index}`))),
      this.raw(commit));
    this.rows.set(commit.seq, row);
    this.list.prepend(row);
    while (this.rows.size > KEPT) {
      const [oldest] = this.rows.keys();
      this.rows.get(oldest).remove();
      this.rows.delete(oldest);
    }
  }

  cause(cause) {
    const [kind, about] = open(cause);
    if (about?.effect) return ["because effect ", this.place(about.effect), " came back"];
    if (about?.what) return [h("strong", {}, name(about.what)), about.by ? [" by ", name(about.by.name ?? "somebody")] : ""];
    return { timer: "because its time had come", start: "because Muster started", process: "because a process is there" }[kind] ?? words(kind);
  }

  line(kind, mark, spoken, value, id) {
    const [what, about] = open(value);
    const outcome = id ? h("span", { class: "outcome" }, "owed") : null;
    if (id) this.owed.set(id, outcome);
    return h("li", { class: kind }, h("span", { class: `mark ${kind}`, "aria-hidden": "true" }, mark), h("span", { class: "unseen" }, `${spoken}: `),
      h("span", { class: "what" }, words(what)), " ", h("span", { class: "brief", dir: "auto" }, brief(about)), outcome && " ", outcome);
  }

  settle({ effect, outcome }, seq) {
    const node = this.owed.get(effect);
    if (!node) return;
    const [how, about] = open(outcome);
    const bad = how === "gave-up";
    node.className = `outcome ${bad ? "bad" : "done"}`;
    replace(node, bad ? `✗ gave up: ${about?.said ?? ""} ` : `✓ ${words(how)} `, this.jump(seq, `#${seq}`));
    this.owed.delete(effect);
  }

  place(effect) {
    return this.jump(Number(String(effect).split(".")[0]), effect);
  }

  jump(seq, text) {
    return h("button", { type: "button", class: "link", "aria-label": `commit ${seq}`, onclick: () => this.show(seq) }, text);
  }

  show(seq) {
    const row = this.rows.get(seq);
    if (!row) return;
    if (row.classList.contains("upkeep") && !this.all.checked) this.all.click();
    row.scrollIntoView({ block: "nearest" });
    row.classList.remove("pointed");
    requestAnimationFrame(() => row.classList.add("pointed"));
  }

  // As it is stored, made when somebody looks.
  raw(commit) {
    const details = h("details", { ontoggle: () => {
      if (details.open && !details.querySelector("pre")) details.append(h("pre", { tabindex: "0" }, JSON.stringify(commit, (key, value) => (key === "token" ? "…" : value), 1)));
    } }, h("summary", {}, "as stored"));
    return details;
  }
}

// A value of the journal is a word, or one word with what belongs to it.
function open(value) {
  if (typeof value === "string") return [value, null];
  const [word, about] = Object.entries(value ?? {})[0] ?? ["nothing", null];
  return [word, about];
}

const words = (kebab) => String(kebab).replaceAll("-", " ");

const TELLING = ["run", "incident", "service", "severity", "status", "title", "step", "text", "what", "why", "how", "words", "name", "version", "role"];

// The little that tells one such thing from another.
function brief(about) {
  if (about === null || typeof about !== "object") return about === null ? "" : String(about);
  const found = TELLING.map((key) => [key, about[key]]).filter(([, value]) => ["string", "number"].includes(typeof value) && value !== "");
  if (about.outcome) return words(open(about.outcome)[0]);
  const told = found.slice(0, 3).map(([key, value]) => (key === "run" ? `RUN-${value}` : key === "incident" ? `INC-${value}` : cut(String(value))));
  if (about.by?.name) told.push(`by ${about.by.name}`);
  if (!told.length && about.show) return words(open(about.show)[0]);
  return told.join(" · ");
}

const cut = (text) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
