// A slash command while it is being filled in: the command, a chip for each option that is given, and a place
// to begin another one. Tab goes to the next, shift and Tab back, backspace in an empty chip takes it away;
// `option:` typed anywhere opens that option, so that a whole command can be typed without looking.

import { announce, h, replace } from "./dom.js";
import { TYPE, ordered, toData } from "./commands.js";

export class CommandLine {
  // with: { store, suggest, interactions, channel(), changed(), leave(text), enter(), say(trouble) }
  constructor(parts) {
    Object.assign(this, parts);
    this.node = h("div", { class: "line", role: "group", hidden: true });
    this.asked = 0;
  }

  get active() {
    return Boolean(this.entry);
  }

  // Begins with this command; `values` are [{ option, text }] that are known already.
  begin(entry, values = []) {
    this.entry = entry;
    this.labels = new Map(); // "option\nlabel" → the value behind a picked choice
    this.chips = [];
    this.more = h("input", { class: "more", type: "text", autocomplete: "off", role: "combobox", "aria-autocomplete": "list", "aria-controls": "suggest", "aria-expanded": "false", "aria-label": "Another option", oninput: () => this.typedMore(), onfocus: () => this.offer(), onkeydown: (event) => this.key(event, null) });
    this.node.setAttribute("aria-label", `/${entry.name}: ${entry.description}`);
    this.node.hidden = false;
    replace(this.node, h("span", { class: "command" }, `/${entry.name}`), this.more);
    for (const { option, text } of values) this.add(option, text);
    for (const option of ordered(entry)) if (option.required && !this.chipOf(option)) this.add(option);
    // The first option is open from the start: `/health soundlab` is enough.
    const first = ordered(entry)[0];
    if (first && !this.chips.length) this.add(first);
    this.tidy();
    const empty = this.chips.find((chip) => !chip.input.value);
    (empty?.input ?? this.places().at(-1)).focus();
    announce(`/${entry.name}. ${entry.description}. ${this.chips.map((chip) => chip.said).join(", ")}`);
  }

  end() {
    this.entry = null;
    this.node.hidden = true;
    replace(this.node);
    this.suggest.hide();
  }

  chipOf(option) {
    return this.chips.find((chip) => chip.option === option);
  }

  rest() {
    return ordered(this.entry).filter((option) => !this.chipOf(option));
  }

  add(option, text = "") {
    const id = `option-${option.name}`;
    const chip = { option, said: `${option.name}, ${option.required ? "needed" : "optional"}` };
    chip.input = h("input", {
      id, type: "text", value: text, autocomplete: "off", spellcheck: "false", size: "4", role: "combobox", dir: "auto",
      "aria-autocomplete": "list", "aria-controls": "suggest", "aria-expanded": "false", "aria-required": String(Boolean(option.required)), "aria-describedby": "command-about",
      oninput: () => this.typed(chip), onfocus: () => this.offer(chip), onkeydown: (event) => this.key(event, chip), onblur: () => this.mark(chip),
    });
    chip.node = h("span", { class: `chip ${option.required ? "required" : ""}` }, h("label", { for: id, title: option.description }, option.name), chip.input,
      !option.required && h("button", { type: "button", class: "wipe", tabindex: "-1", "aria-label": `Leave out ${option.name}`, onclick: () => this.drop(chip) }, "×"));
    this.chips.push(chip);
    this.more.before(chip.node);
    this.size(chip);
    this.tidy();
    return chip;
  }

  drop(chip) {
    const at = this.chips.indexOf(chip);
    this.chips.splice(at, 1);
    chip.node.remove();
    this.tidy();
    (this.chips[at - 1]?.input ?? this.more).focus();
  }

  tidy() {
    const left = this.rest().length;
    this.more.placeholder = left ? `+ ${left} optional` : "";
    this.more.hidden = !left && this.chips.length > 0;
  }

  size(chip) {
    chip.input.size = Math.max(4, Math.min([...chip.input.value].length + 1, 60));
  }

  mark(chip, wrong = false) {
    chip.node.classList.toggle("given", chip.input.value.trim() !== "");
    chip.node.classList.toggle("wrong", wrong);
    chip.input.toggleAttribute("aria-invalid", wrong);
  }

  typed(chip) {
    this.say(null);
    const { value } = chip.input;
    // `option:` at the beginning or after a blank: what stands behind it belongs to that option.
    const found = /(^|\s)([^\s:]{1,32}):$/u.exec(value.slice(0, chip.input.selectionStart));
    const option = found && this.entry.options.find((one) => one.name === found[2]);
    if (option && (option === chip.option ? found.index === 0 && !found[1] : !this.chipOf(option)?.input.value)) {
      const behind = value.slice(chip.input.selectionStart);
      chip.input.value = value.slice(0, found.index);
      this.size(chip);
      this.mark(chip);
      if (option === chip.option) chip.input.value = behind;
      else {
        if (!chip.input.value && !chip.option.required) this.drop(chip);
        const next = this.chipOf(option) ?? this.add(option);
        next.input.value = behind.trimStart();
        next.input.focus();
      }
      return this.offer(this.chipOf(option));
    }
    this.size(chip);
    this.mark(chip);
    return this.offer(chip);
  }

  typedMore() {
    const option = this.rest().find((one) => this.more.value === `${one.name}:`);
    if (!option) return this.offer();
    this.more.value = "";
    this.add(option).input.focus();
    return undefined;
  }

  key(event, chip) {
    if (event.isComposing) return undefined;
    const input = chip?.input ?? this.more;
    const start = input.selectionStart === 0 && input.selectionEnd === 0;
    const { suggest } = this;
    if (suggest.isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) suggest.move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "ArrowDown") this.offer(chip, true);
    else if (event.key === "Escape" && suggest.isOpen) suggest.hide();
    else if (event.key === "Escape" && this.places().every((one) => !one.value)) this.leave("");
    else if (event.key === "Enter" && !event.shiftKey) {
      if (!(suggest.isOpen && suggest.pick())) this.enter();
    } else if (event.key === "Tab" && !event.shiftKey) {
      if (suggest.isOpen && (suggest.active >= 0 || input.value)) {
        // What is typed in full is meant, wherever it stands in the list.
        const typed = suggest.items.findIndex((item) => item.label.toLowerCase() === input.value.trim().toLowerCase());
        if (suggest.active < 0 && typed >= 0) suggest.point(typed);
        if (suggest.pick(true)) return event.preventDefault();
      }
      if (!this.next(chip)) return suggest.hide();
    } else if (event.key === "Backspace" && start && !input.value) this.back(chip);
    else if (event.key === "ArrowLeft" && start) this.step(chip, -1);
    else if (event.key === "ArrowRight" && input.selectionStart === input.value.length) this.step(chip, 1);
    else return undefined;
    return event.preventDefault();
  }

  places() {
    return [...this.chips.map((chip) => chip.input), ...(this.more.hidden ? [] : [this.more])];
  }

  step(chip, by) {
    const places = this.places();
    const to = places[places.indexOf(chip?.input ?? this.more) + by];
    to?.focus();
    if (to) to.setSelectionRange(by > 0 ? 0 : to.value.length, by > 0 ? 0 : to.value.length);
  }

  // The next place to fill in; false past the last.
  next(chip) {
    const places = this.places();
    const to = places[places.indexOf(chip?.input ?? this.more) + 1];
    to?.focus();
    return Boolean(to);
  }

  back(chip) {
    const before = this.chips[(chip ? this.chips.indexOf(chip) : this.chips.length) - 1];
    if (chip && !chip.option.required) return this.drop(chip);
    if (before) return before.input.focus();
    return this.chips.every((one) => !one.input.value) ? this.leave(`/${this.entry.name}`) : undefined;
  }

  values() {
    return this.chips.map((chip) => ({ option: chip.option, text: chip.input.value.trim() }));
  }

  // { data } for Discord, or { trouble } after it was shown where it is.
  finish() {
    const { data, trouble, option } = toData({ entry: this.entry, values: this.values() }, (kind, text) => this.lookup(kind, text), this.labels);
    if (!trouble) return { data };
    const chip = this.chipOf(option) ?? this.add(option);
    chip.input.focus();
    this.mark(chip, true);
    return { trouble };
  }

  text() {
    return [`/${this.entry.name}`, ...this.values().filter((one) => one.text).map((one) => `${one.option.name}:${one.text}`)].join(" ");
  }

  // What could be meant at this place.
  async offer(chip, asked = false) {
    this.asked += 1;
    this.changed(chip?.option);
    const turn = this.asked;
    this.suggest.at(chip?.input ?? this.more);
    // The list of what else there is comes when it is asked for: by a letter, or the arrow down.
    if (!chip && !this.more.value && !asked) return this.suggest.hide();
    if (!chip) return this.suggest.show("Options", this.options(this.more.value.trim(), (option) => { this.more.value = ""; this.add(option).input.focus(); }));
    const text = chip.input.value.trim();
    let choices = this.fixed(chip.option, text);
    if (chip.option.autocomplete) {
      this.suggest.point(-1); // what was likely before this letter is not any more
      const values = this.values();
      const { data } = toData({ entry: this.entry, values }, (kind, what) => this.lookup(kind, what), this.labels, chip.option);
      choices = await this.interactions.complete(this.channel(), data);
      if (turn !== this.asked || !this.active) return undefined; // typed on meanwhile
    }
    // Its value said in full is as good as its name: `P1` for “P1 critical”.
    const exact = choices.some((choice) => [choice.name, String(choice.value)].some((one) => one.toLowerCase() === text.toLowerCase()));
    const items = choices.map((choice) => ({ label: choice.name, detail: choice.detail, pick: () => this.take(chip, choice) }));
    // Nothing typed, nothing chosen: Enter must not take what nobody pointed at.
    const likely = Math.max(0, choices.findIndex((choice) => choice.name.toLowerCase().startsWith(text.toLowerCase())));
    return this.suggest.show(`${chip.option.name}: ${chip.option.description}`, exact && items.length === 1 ? [] : items, text && !exact ? likely : -1);
  }

  options(text, pick) {
    return this.rest().filter((option) => option.name.startsWith(text)).map((option) => ({
      label: option.name, tag: option.required ? "needed" : "optional", detail: option.description, pick: () => pick(option),
    }));
  }

  take(chip, choice) {
    this.labels.set(`${chip.option.name}\n${choice.name}`, choice.value);
    chip.input.value = choice.name;
    this.size(chip);
    this.mark(chip);
    const needed = this.chips.find((one) => one.option.required && !one.input.value);
    if (needed) needed.input.focus();
    else if (!this.next(chip)) this.suggest.hide();
  }

  fixed(option, text) {
    const wish = text.toLowerCase();
    const fits = (choice) => choice.name.toLowerCase().includes(wish);
    if (option.choices?.length) {
      const exact = option.choices.some((choice) => choice.name.toLowerCase() === wish);
      return exact ? option.choices : option.choices.filter((choice) => fits(choice) || String(choice.value).toLowerCase() === wish);
    }
    if (option.type === TYPE.boolean) return [{ name: "true", value: true }, { name: "false", value: false }].filter(fits);
    return this.store.named(option.type).filter(fits);
  }

  lookup(type, text) {
    const bare = (called) => called.replace(/^[@#]/, "").toLowerCase();
    return this.store.named(type).find((one) => bare(one.name) === bare(text))?.value;
  }
}
