// What goes wrong with Discord itself. Only the bot feels it: people's windows go on, so that one can watch
// how it copes.

import { announce, h, replace } from "./dom.js";

const SWITCHES = [
  ["slow", "Slow", "Every answer to the bot comes 1.5 seconds late."],
  ["down", "Down", "Every request of the bot is answered 502."],
  ["limited", "Too many requests", "Every request is answered 429: wait two seconds."],
  ["deaf", "Gateway silent", "The connection stands, and nothing comes through it."],
  ["closed", "No direct messages", "All four people take none from members of a server (50007)."],
];
const ACTS = [
  ["cut", "Cut the gateway", "As when a cable is pulled; the bot resumes."],
  ["reconnect", "Ask it to reconnect", "What Discord does when it moves servers."],
  ["forget", "Forget its session", "The bot has to begin anew."],
];

export class Weather {
  constructor(news) {
    this.news = news;
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.bots = h("p", { class: "bots", role: "status" });
    this.boxes = new Map(SWITCHES.map(([key]) => [key, h("input", { type: "checkbox", role: "switch", id: `switch-${key}`, "aria-describedby": `about-${key}`, onchange: (event) => this.flip(key, event.target) })]));
    this.node = h("div", {},
      h("p", { class: "about" }, "What Discord does to the bot. You are left alone, so that you can watch it cope."),
      this.bots, this.trouble,
      h("ul", { class: "switches" }, SWITCHES.map(([key, label, about]) => h("li", { class: "switch" },
        h("label", { for: `switch-${key}` }, label), this.boxes.get(key), h("p", { class: "subtext", id: `about-${key}` }, about)))),
      h("h3", {}, "The gateway"),
      h("ul", { class: "switches" }, ACTS.map(([act, label, about]) => h("li", { class: "act" },
        h("button", { type: "button", class: "control small secondary", "aria-describedby": `about-${act}`, onclick: () => this.act(act, label) }, label),
        h("p", { class: "subtext", id: `about-${act}` }, about)))));
    news.on("state", (state) => this.draw(state));
  }

  draw({ discord, bots }) {
    for (const [key, box] of this.boxes) box.checked = Boolean(discord[key]);
    const bad = SWITCHES.filter(([key]) => discord[key]).map(([, label]) => label.toLowerCase());
    replace(this.bots, h("span", { class: `dot ${bots ? "well" : "ill"}`, "aria-hidden": "true" }), bots ? " Muster is connected" : " Muster is not connected", bad.length ? `; Discord is: ${bad.join(", ")}` : "");
  }

  async flip(key, box) {
    this.say(await this.news.ask("discord", { switch: key, on: box.checked }));
  }

  async act(act, label) {
    const trouble = await this.news.ask("gateway", { do: act });
    this.say(trouble);
    if (!trouble) announce(`${label}: done`);
  }

  say(trouble) {
    this.trouble.textContent = trouble ?? "";
    this.trouble.hidden = !trouble;
  }
}
