// The clock that the bot and this Discord go by. It can be moved on, so that what takes an hour can be seen
// now; it never goes back, as no clock of Discord's does.

import { announce, h, replace } from "./dom.js";
import { ahead, clockFace, dayName, now, whoseTime } from "./time.js";

const STEPS = [[60, "+1 min"], [300, "+5 min"], [900, "+15 min"], [3600, "+1 hour"], [86400, "+1 day"]];

export class ClockFace {
  constructor(news) {
    this.news = news;
    this.face = h("p", { class: "clock-face", role: "timer" });
    this.day = h("p", { class: "subtext" });
    this.ahead = h("p", { class: "subtext", role: "status" });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.buttons = STEPS.map(([seconds, label]) => h("button", { type: "button", class: "control small secondary", disabled: true, onclick: () => this.move(seconds, label) }, label));
    this.node = h("div", {},
      h("p", { class: "about" }, "Muster and this Discord go by this clock. Move it on, and what waits for a time happens now: reminders, deadlines, the next rung of who is called."),
      h("div", { class: "clock" }, this.face, this.day, h("p", { class: "subtext" }, whoseTime()), this.ahead),
      h("div", { class: "row", role: "group", "aria-label": "Move the clock on" }, this.buttons), this.trouble);
    news.on("state", (state) => {
      for (const button of this.buttons) button.disabled = !state.clock;
      this.tick();
    });
    setInterval(() => this.node.offsetParent && this.tick(), 500);
  }

  tick() {
    const at = now();
    const face = clockFace(at);
    if (this.face.textContent !== face) this.face.textContent = face;
    const day = dayName(new Date(at).toISOString());
    if (this.day.textContent !== day) this.day.textContent = day;
    const far = ahead();
    const text = far < 30_000 ? "As this machine's clock." : `${spell(far)} ahead of this machine's.`;
    if (this.ahead.textContent !== text) replace(this.ahead, text);
  }

  async move(seconds, label) {
    const trouble = await this.news.ask("clock", { by_s: seconds });
    this.trouble.textContent = trouble ?? "";
    this.trouble.hidden = !trouble;
    if (!trouble) announce(`The clock was moved on: ${label}`);
  }
}

function spell(ms) {
  const minutes = Math.round(ms / 60000);
  const parts = [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"], [minutes % 60, "min"]];
  return parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ");
}
