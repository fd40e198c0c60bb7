// The message box: plain talk, and slash commands typed with completion. Arrows choose, Tab or Enter
// takes, Escape closes, Enter sends.

import { nonce } from "./api.js";
import { announce, h, replace } from "./dom.js";
import { TYPE, entries, matching, ordered, parse, toData, unfilled } from "./commands.js";
import { displayName } from "./message.js";
import { Suggest } from "./suggest.js";

export class Composer {
  // with: { store, api, interactions, timeline, channel(), channelName() }
  constructor(node, parts) {
    Object.assign(this, parts);
    this.all = [];
    this.labels = new Map(); // "option\nlabel" → the value behind a picked choice
    this.asked = 0;
    this.box = h("textarea", {
      id: "composer-box", rows: "1", maxlength: "4000", autocomplete: "off", spellcheck: "true",
      "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": "suggest", "aria-describedby": "hint",
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onclick: () => this.suggestions(), onblur: () => this.suggest.hide(),
    });
    const list = h("div", { id: "suggest", class: "suggest", role: "listbox", tabindex: "0", hidden: true });
    this.suggest = new Suggest(list, this.box);
    this.hint = h("div", { id: "hint", class: "hint", hidden: true });
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.label = h("label", { class: "unseen", for: "composer-box" });
    this.sendButton = h("button", { type: "submit", class: "send", "aria-label": "Send" }, "↵");
    replace(node, list, h("form", { onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.hint, this.trouble, h("div", { class: "box" }, this.label, this.box, this.sendButton)));
  }

  setCommands(commands) {
    this.all = entries(commands);
    this.suggestions();
  }

  opened() {
    const label = `Message ${this.channelName()}, or / for commands`;
    this.label.textContent = label;
    this.box.placeholder = matchMedia("(max-width: 760px)").matches ? `Message ${this.channelName()}` : label;
    this.say(null);
  }

  focus() {
    this.box.focus();
  }

  // Replaces a piece of the text and puts the caret behind it.
  put(from, to, text) {
    this.box.setRangeText(text, from, to, "end");
    this.box.focus();
    this.changed();
  }

  use(text) {
    this.put(0, this.box.value.length, text);
  }

  changed() {
    this.say(null);
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 220)}px`;
    if (this.box.value === "/") this.store.emit("commands-wanted");
    this.suggestions();
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
    else if (open && event.key === "Tab") return this.suggest.hide(); // backwards: past the list, which is before the box
    else if (event.key === "Enter" && !event.shiftKey) {
      if (!(open && this.suggest.pick())) this.send();
    } else return undefined;
    return event.preventDefault();
  }

  async send() {
    const text = this.box.value.trim();
    if (!text) return;
    const channel = this.channel();
    const id = nonce();
    if (!text.startsWith("/")) {
      this.clear();
      this.timeline.expect(id, channel, text);
      await this.api.say(channel, text, id).then(() => this.timeline.settle(id), (error) => this.timeline.settle(id, error.message));
      return;
    }
    const parsed = parse(text, this.all);
    if (!parsed) return this.refuse(`There is no command ${text.split(" ")[0]}. Type / to see them all.`);
    const { data, trouble, option } = toData(parsed, (kind, name) => this.lookup(kind, name), this.labels);
    if (trouble) {
      this.refuse(trouble);
      if (!parsed.values.some((one) => one.option === option)) this.put(this.box.value.length, this.box.value.length, `${this.box.value.endsWith(" ") ? "" : " "}${option.name}:`);
      return this.refuse(trouble);
    }
    this.clear();
    this.timeline.expect(id, channel, text);
    const { ok, reason } = await this.interactions.slash(channel, data, id);
    this.timeline.settle(id, ok ? null : reason);
  }

  refuse(trouble) {
    this.say(trouble);
    announce(trouble);
  }

  clear() {
    this.box.value = "";
    this.labels.clear();
    this.changed();
  }

  // What could come next at the caret.
  suggestions() {
    const text = this.box.value;
    const caret = this.box.selectionStart;
    this.asked += 1;
    const parsed = parse(text, this.all);
    this.drawHint(parsed, caret);
    if (!text.startsWith("/") || document.activeElement !== this.box) return this.suggest.hide();
    if (!parsed || caret <= parsed.begin) return this.suggestCommands(text.slice(1, caret));
    const value = parsed.values.find((one) => caret >= one.from && caret <= one.to);
    const typed = value ? text.slice(value.from, caret) : "";
    // After a blank, or at the first letters of an option's name, another option may begin.
    const word = /(?:^|\s)(\S*)$/.exec(text.slice(parsed.begin, caret))?.[1] ?? "";
    const free = value?.loose && value.text === word ? [value.option, ...unfilled(parsed)] : unfilled(parsed);
    const next = free.filter((option) => option.name.startsWith(word) && !(word === "" && value && !typed.trim()));
    const options = next.map((option) => ({
      label: `${option.name}:`, tag: option.required ? "needed" : "optional", detail: option.description,
      pick: () => this.put(caret - word.length, caret, `${option.name}:`),
    }));
    if (!value) return this.suggest.show("Options", options);
    return this.suggestValues(parsed, value, options, /\S\s+$/.test(typed));
  }

  suggestCommands(typed) {
    const items = matching(this.all, typed).map((entry) => ({
      label: `/${entry.name}`, detail: entry.description, tag: entry.options.map((option) => (option.required ? option.name : `[${option.name}]`)).join(" "),
      pick: () => {
        const first = ordered(entry)[0];
        this.put(0, this.box.value.length, `/${entry.name} ${first?.required ? `${first.name}:` : ""}`);
      },
    }));
    const exact = items.length && items[0].label === `/${typed}` && !parse(`/${typed} `, this.all)?.entry.options.length;
    this.suggest.show("Commands", items, exact ? -1 : 0);
  }

  async suggestValues(parsed, value, options, finished) {
    const { option, text } = value;
    const turn = this.asked;
    let choices = this.fixedChoices(option, text);
    if (option.autocomplete) {
      const { data } = toData(parsed, (kind, name) => this.lookup(kind, name), this.labels, option);
      choices = await this.interactions.complete(this.channel(), data);
      if (turn !== this.asked) return; // typed on meanwhile
    }
    const exact = choices.some((choice) => choice.name.toLowerCase() === text.toLowerCase());
    const items = choices.map((choice) => ({ label: choice.name, detail: choice.detail, pick: () => this.take(value, choice) }));
    if (exact && finished) return this.suggest.show("Options", options);
    this.suggest.show(items.length ? option.description || option.name : "Options", [...items, ...options], items.length && !exact ? 0 : -1);
  }

  take(value, choice) {
    this.labels.set(`${value.option.name}\n${choice.name}`, choice.value);
    const after = this.box.value.slice(value.to);
    this.put(value.from, value.to, `${choice.name} `);
    const parsed = parse(this.box.value, this.all);
    const next = parsed && unfilled(parsed).find((option) => option.required);
    if (next && !after) this.put(this.box.value.length, this.box.value.length, `${next.name}:`);
  }

  fixedChoices(option, text) {
    const wish = text.toLowerCase();
    const fits = (choice) => choice.name.toLowerCase().includes(wish);
    if (option.choices?.length) {
      const exact = option.choices.some((choice) => choice.name.toLowerCase() === wish);
      return exact ? option.choices : option.choices.filter(fits);
    }
    if (option.type === TYPE.boolean) return [{ name: "true", value: true }, { name: "false", value: false }].filter(fits);
    return this.named(option.type).filter(fits);
  }

  // People, channels and roles by name, for options of those types.
  named(type) {
    const { users, channels, roles } = this.store;
    const people = [...users.values()].map((user) => ({ name: `@${displayName(user)}`, value: user.id }));
    const groups = [...roles.values()].map((role) => ({ name: `@${role.name.replace(/^@/, "")}`, value: role.id }));
    if (type === TYPE.user) return people;
    if (type === TYPE.channel) return [...channels.values()].filter((one) => one.name).map((one) => ({ name: `#${one.name}`, value: one.id }));
    if (type === TYPE.role) return groups;
    return type === TYPE.mentionable ? [...people, ...groups] : [];
  }

  lookup(type, text) {
    const bare = (name) => name.replace(/^[@#]/, "").toLowerCase();
    return this.named(type).find((one) => bare(one.name) === bare(text))?.value;
  }

  drawHint(parsed, caret) {
    this.hint.hidden = !parsed;
    if (!parsed) return replace(this.hint);
    const given = (option) => parsed.values.find((one) => one.option === option);
    return replace(this.hint, h("strong", {}, `/${parsed.entry.name}`), ordered(parsed.entry).map((option) => {
      const value = given(option);
      const state = value && caret >= value.from && caret <= value.to ? "now" : value?.text ? "given" : option.required ? "needed" : "";
      return h("span", { class: `option ${state}`, title: option.description }, option.name);
    }), h("span", { class: "option-about" }, parsed.entry.options.find((option) => { const v = given(option); return v && caret >= v.from && caret <= v.to; })?.description ?? parsed.entry.description));
  }
}
