// The five practice services: how they are, and the switches that break and heal them. It speaks to the
// services' own control addresses, not to Discord: the bot learns of a break only by looking.

import { announce, byId, h, replace } from "./dom.js";
import { timeNode } from "./time.js";

const EVERY_MS = 5000;
const words = (key) => (/^[A-Z_]+$/.test(key) ? key : key.replaceAll("_", " "));

export class Services {
  constructor() {
    this.listeners = [];
    this.list = h("div", { class: "services" });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.chosen = new Map(); // service → the fault chosen in its list
    this.unfolded = new Set();
    this.node = h("div", {}, h("p", { class: "about" }, "Five services to practise on. Break one, then find out in a channel what is wrong."), this.trouble, this.list);
  }

  // Calls with the state of all services, whenever it is known anew.
  onState(listener) {
    this.listeners.push(listener);
  }

  start() {
    this.load();
    setInterval(() => { if (!document.hidden) this.load(); }, EVERY_MS);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.load(); });
  }

  load() {
    return this.ask("GET", "");
  }

  async ask(method, path, body) {
    try {
      const options = body ? { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : { method };
      const response = await fetch(`/practice/_control${path}`, options);
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.error);
      this.trouble.hidden = true;
      this.draw(answer.services);
      return true;
    } catch (error) {
      this.trouble.textContent = error instanceof TypeError ? "The practice services do not answer." : error.message;
      this.trouble.hidden = false;
      return false;
    }
  }

  draw(services) {
    for (const listener of this.listeners) listener(services);
    const dot = byId("fleet-dot");
    dot.className = `dot ${services.every((service) => service.healthy) ? "well" : "ill"}`;
    const shown = JSON.stringify(services.map(({ facts, ...rest }) => ({ ...rest, facts: Object.entries(facts).filter(([key]) => key !== "uptime_s") })));
    if (shown === this.shown) return; // nothing changed: do not disturb what one is about to press
    this.shown = shown;
    const held = this.list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    replace(this.list, services.map((service) => this.card(service)));
    if (held) this.list.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }

  // What is known here are the switches: with one of them on, a service may answer as if nothing were the matter.
  card(service) {
    const on = service.faults.filter((fault) => fault.since !== null);
    const off = service.faults.filter((fault) => fault.since === null);
    return h("section", { class: `service ${service.healthy ? "" : "ill"}`, "aria-label": service.name },
      h("header", {},
        h("span", { class: `dot ${service.healthy ? "well" : "ill"}`, "aria-hidden": "true" }),
        h("h3", {}, service.name),
        h("span", { class: "condition" }, service.healthy ? "well" : "fault switched on")),
      on.map((fault) => this.fault(service, fault)),
      off.length ? this.breaker(service, off) : null,
      this.facts(service));
  }

  fault(service, fault) {
    return h("div", { class: "fault" },
      h("p", {}, h("code", {}, fault.name), " ", timeNode(fault.since, "R", { class: "subtext" })),
      h("p", { class: "subtext" }, fault.about),
      h("button", { type: "button", class: "control small secondary", "data-key": `heal ${service.name} ${fault.name}`, "aria-label": `Heal ${service.name} of ${fault.name}`, onclick: () => this.change("/heal", service, fault.name, "is healed of") }, "Heal"));
  }

  breaker(service, faults) {
    const about = h("p", { class: "subtext" });
    const select = h("select", { class: "small", "aria-label": `How to break ${service.name}`, "data-key": `choose ${service.name}` }, faults.map((fault) => h("option", { value: fault.name, selected: this.chosen.get(service.name) === fault.name }, fault.name)));
    const choose = () => {
      this.chosen.set(service.name, select.value);
      explain();
    };
    const explain = () => { about.textContent = faults.find((fault) => fault.name === select.value)?.about ?? ""; };
    select.addEventListener("change", choose);
    select.addEventListener("focus", explain); // five explanations at once would be a wall of text
    if (this.chosen.has(service.name)) explain();
    return h("div", { class: "breaker" }, select,
      h("button", { type: "button", class: "control small secondary breaks", "data-key": `break ${service.name}`, "aria-label": `Break ${service.name}`, onclick: () => this.change("/break", service, select.value, "is broken by") }, "Break"),
      about);
  }

  facts(service) {
    const toggle = (event) => this.unfolded[event.target.open ? "add" : "delete"](service.name);
    return h("details", { open: this.unfolded.has(service.name), ontoggle: toggle },
      h("summary", { "data-key": `facts ${service.name}` }, "Details"),
      h("dl", {}, Object.entries(service.facts).map(([key, value]) => h("div", {}, h("dt", {}, words(key)), h("dd", {}, value === null ? "none" : String(value))))));
  }

  async change(path, service, fault, what) {
    if (await this.ask("POST", path, { service: service.name, fault })) announce(`${service.name} ${what} ${fault}`);
  }
}
