// The message box: plain talk, and slash commands with completion. Arrows choose, Tab or Enter takes, Escape
// closes, Enter sends. Once a command is named, its options stand as chips: see commandline.js.

import { nonce } from "./api.js";
import { announce, h, replace } from "./dom.js";
import { CommandLine } from "./commandline.js";
import { entries, matching, ordered, parse } from "./commands.js";
import { Suggest } from "./suggest.js";

export class Composer {
  // with: { store, api, interactions, timeline, channel(), channelName() }
  constructor(node, parts) {
    Object.assign(this, parts);
    this.all = [];
    this.box = h("textarea", {
      id: "composer-box", rows: "1", maxlength: "4000", autocomplete: "off", spellcheck: "true",
      "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": "suggest",
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onclick: () => this.suggestions(),
    });
    const list = h("div", { id: "suggest", class: "suggest", role: "listbox", tabindex: "-1", "aria-label": "Suggestions", hidden: true });
    this.suggest = new Suggest(list, this.box);
    this.about = h("div", { id: "command-about", class: "about-line", hidden: true });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.label = h("label", { class: "unseen", for: "composer-box" });
    this.sendButton = h("button", { type: "submit", class: "send", "aria-label": "Send" }, "↵");
    this.line = new CommandLine({
      ...parts, suggest: this.suggest,
      changed: (option) => this.explain(option),
      leave: (text) => this.leave(text),
      enter: () => this.send(),
      say: (trouble) => this.say(trouble),
    });
    replace(node, list, h("form", { onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.about, this.trouble, h("div", { class: "box" }, this.label, this.box, this.line.node, this.sendButton)));
    node.addEventListener("focusout", (event) => { if (!node.contains(event.relatedTarget)) this.suggest.hide(); });
  }

  setCommands(commands) {
    this.all = entries(commands);
    if (!this.line.active) this.suggestions();
  }

  opened() {
    const label = `Message ${this.channelName()}, or / for commands`;
    this.label.textContent = label;
    this.box.placeholder = matchMedia("(max-width: 760px)").matches ? `Message ${this.channelName()}` : label;
    this.say(null);
  }

  focus() {
    (this.line.active ? this.line.places()[0] : this.box).focus();
  }

  // Puts a text there as if it had been typed.
  use(text) {
    if (this.line.active) this.leave("");
    this.box.value = text;
    this.box.focus();
    this.box.setSelectionRange(text.length, text.length);
    this.changed();
  }

  changed() {
    this.say(null);
    this.fit();
    if (this.box.value === "/") this.store.emit("commands-wanted");
    const parsed = parse(this.box.value, this.all);
    if (parsed && /\s/.test(this.box.value[parsed.begin] ?? "")) this.fillIn(parsed.entry, parsed.values);
    else this.suggestions();
  }

  // As high as its text, up to a limit.
  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 220)}px`;
  }

  fillIn(entry, values = []) {
    this.box.value = "";
    this.box.hidden = true;
    this.line.begin(entry, values);
    this.explain(document.activeElement?.id?.startsWith("option-") ? this.line.chips.find((chip) => chip.input === document.activeElement)?.option : null);
  }

  // Back to plain text.
  leave(text) {
    this.line.end();
    this.box.hidden = false;
    this.box.value = text;
    this.fit();
    this.explain(undefined);
    this.box.focus();
    this.say(null);
    if (text) this.suggestions();
  }

  explain(option) {
    this.about.hidden = !this.line.active;
    const { entry } = this.line;
    if (!entry) return replace(this.about);
    const [what, about] = option ? [option.name, option.description] : [`/${entry.name}`, entry.description];
    const keys = ordered(entry).length ? [h("kbd", {}, "Tab"), " next  ", h("kbd", {}, "Enter"), " send"] : [h("kbd", {}, "Enter"), " send"];
    return replace(this.about, h("strong", {}, what), h("span", {}, about, option?.required ? " (needed)" : ""), h("span", { class: "keys", "aria-hidden": "true" }, keys));
  }

  say(trouble) {
    this.trouble.hidden = !trouble;
    this.trouble.textContent = trouble ?? "";
  }

  key(event) {
    if (event.isComposing) return;
    const open = this.suggest.isOpen;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) this.suggest.move(event.key === "ArrowDown" ? 1 : -1);
    else if (open && event.key === "Escape") this.suggest.hide();
    else if (open && event.key === "Tab" && !event.shiftKey) this.suggest.pick(true);
    else if (event.key === "Enter" && !event.shiftKey) {
      // A command that is named in full and needs nothing more goes at once, unless another is pointed at.
      const whole = this.all.find((one) => `/${one.name}` === this.box.value.trim().toLowerCase() && !one.options.some((option) => option.required));
      if (whole && this.suggest.active <= 0) this.fillIn(whole);
      if (whole && this.line.active) this.send();
      else if (!(open && this.suggest.pick())) this.send();
    } else return undefined;
    return event.preventDefault();
  }

  async send() {
    const channel = this.channel();
    const id = nonce();
    if (this.line.active) {
      const { data, trouble } = this.line.finish();
      if (trouble) return this.refuse(trouble);
      const text = this.line.text();
      this.leave("");
      this.timeline.expect(id, channel, text);
      const { ok, reason } = await this.interactions.slash(channel, data, id);
      return this.timeline.settle(id, ok ? null : reason);
    }
    const text = this.box.value.trim();
    if (!text) return undefined;
    if (text.startsWith("/")) {
      const entry = this.all.find((one) => `/${one.name}` === text.toLowerCase());
      if (!entry) return this.refuse(`There is no command ${text.split(" ")[0]}. Type / to see them all.`);
      return this.fillIn(entry);
    }
    this.box.value = "";
    this.changed();
    this.timeline.expect(id, channel, text);
    return this.api.say(channel, text, id).then(() => this.timeline.settle(id), (error) => this.timeline.settle(id, error.message));
  }

  refuse(trouble) {
    this.say(trouble);
    announce(trouble);
  }

  // The commands that what was typed could become.
  suggestions() {
    this.suggest.at(this.box);
    const text = this.box.value;
    if (!text.startsWith("/") || document.activeElement !== this.box) return this.suggest.hide();
    const items = matching(this.all, text.slice(1)).map((entry) => ({
      label: `/${entry.name}`, detail: entry.description, tag: ordered(entry).map((option) => (option.required ? option.name : `[${option.name}]`)).join(" "),
      pick: () => this.fillIn(entry),
    }));
    return this.suggest.show("Commands", items, 0);
  }
}
