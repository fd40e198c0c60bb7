// What happens behind the curtain: how Discord is, what time it is, and the bot's journal as it grows. One
// socket, kept up. Its listeners get what is new; whoever comes later gets what is known.

import { setTime } from "./time.js";

const KEPT = 400; // commits; the rest is in the journal itself

export class News {
  constructor() {
    this.listeners = { state: [], journal: [], commits: [] };
    this.state = null;
    this.journal = null;
    this.head = 0;
    this.commits = [];
    this.failures = 0;
  }

  // on("state", (state) => …), on("journal", (id) => …), on("commits", (fresh) => …)
  on(what, listener) {
    this.listeners[what].push(listener);
    if (what === "state" && this.state) listener(this.state);
    if (what === "journal" && this.journal) listener(this.journal);
    if (what === "commits" && this.commits.length) listener(this.commits);
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const known = this.journal ? `?journal=${encodeURIComponent(this.journal)}&after=${this.commits.at(-1)?.seq ?? 0}` : "";
    const socket = new WebSocket(`${scheme}://${location.host}/sandbox/news${known}`);
    socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    socket.onclose = () => {
      const delay = Math.min(10000, 400 * 2 ** this.failures) * (0.75 + Math.random() / 2);
      this.failures += 1;
      setTimeout(() => this.connect(), delay);
    };
  }

  receive({ state, journal, commits }) {
    this.failures = 0;
    if (state) this.heard(state);
    if (journal) {
      if (journal.id !== this.journal) this.commits = [];
      this.journal = journal.id;
      this.head = journal.head;
      this.tell("journal", journal.id);
    }
    if (commits) {
      this.commits = [...this.commits, ...commits].slice(-KEPT);
      this.tell("commits", commits);
    }
  }

  heard(state) {
    this.state = state;
    setTime(state.now);
    this.tell("state", state);
  }

  tell(what, value) {
    for (const listener of this.listeners[what]) listener(value);
  }

  // Throws a switch; answers a sentence if that failed.
  async ask(path, body) {
    try {
      const response = await fetch(`/sandbox/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
      const answer = await response.json();
      if (!response.ok) return answer.error;
      this.heard(answer);
      return null;
    } catch {
      return "The sandbox does not answer.";
    }
  }
}
