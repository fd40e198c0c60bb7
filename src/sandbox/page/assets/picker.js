// A select of Discord's: of texts, people, roles or channels, one or several. A button that opens a list; the
// list is walked with the arrows and narrowed by typing, and nothing is sent until somebody takes something
// (a browser's own select sends at each arrow key).

import { h, replace } from "./dom.js";

export const SELECTS = new Set([3, 5, 6, 7, 8]);
// A component's type → an option's type, for what is listed by name.
const NAMED = { 5: 6, 6: 8, 7: 9, 8: 7 };
let count = 0;

// part: Discord's component. with: { store, take(values), label? } → { node, values(), button }
export function picker(part, { store, take, label }) {
  count += 1;
  const id = `picker-${count}`;
  const most = part.max_values ?? 1;
  const least = part.min_values ?? 1;
  const named = NAMED[part.type] ? store.named(NAMED[part.type]) : [];
  const choices = part.type === 3
    ? (part.options ?? []).map((option) => ({ name: option.label, detail: option.description, value: option.value, emoji: option.emoji?.id ? "" : option.emoji?.name }))
    : named;
  const chosen = new Set(part.type === 3 ? (part.options ?? []).filter((option) => option.default).map((option) => option.value) : (part.default_values ?? []).map((one) => one.id));
  let shown = choices;
  let active = 0;

  const button = h("button", { type: "button", class: "control picker", id, "aria-haspopup": "listbox", "aria-expanded": "false", disabled: part.disabled, "data-custom-id": part.custom_id, onclick: () => (popup.hidden ? open() : close()), onkeydown: (event) => { if (["ArrowDown", "ArrowUp"].includes(event.key) && popup.hidden) { event.preventDefault(); open(); } } });
  const filter = h("input", { type: "text", class: "filter", autocomplete: "off", placeholder: "Search", role: "combobox", "aria-label": "Search", "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": `${id}-list`, oninput: narrow, onkeydown: key });
  const list = h("div", { id: `${id}-list`, class: "choices", role: "listbox", "aria-label": label ?? part.placeholder ?? "Choices", "aria-multiselectable": most > 1 ? "true" : undefined });
  const done = most > 1 ? h("button", { type: "button", class: "control small primary", onclick: finish }, "Choose these") : null;
  const popup = h("div", { class: "popup", hidden: true, onkeydown: (event) => { if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(true); } } }, filter, list, done && h("p", { class: "picker-foot" }, done));
  const node = h("div", { class: "picker-place", onfocusout: (event) => { if (!node.contains(event.relatedTarget)) close(); } }, button, popup);
  title();

  function title() {
    const names = choices.filter((choice) => chosen.has(choice.value)).map((choice) => choice.name);
    const text = names.length ? names.join(", ") : part.placeholder || "Choose…";
    replace(button, h("span", { class: names.length ? "" : "subtext", dir: "auto" }, text), h("span", { "aria-hidden": "true" }, "▾"));
    button.setAttribute("aria-label", `${label ?? part.placeholder ?? "Choose"}: ${names.join(", ") || "nothing chosen"}`);
  }

  function open() {
    popup.hidden = false;
    button.setAttribute("aria-expanded", "true");
    filter.value = "";
    narrow();
    filter.focus();
    popup.scrollIntoView({ block: "nearest" });
  }

  function close(back = false) {
    if (popup.hidden) return;
    popup.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  }

  function narrow() {
    const wish = filter.value.toLowerCase();
    shown = choices.filter((choice) => choice.name.toLowerCase().includes(wish));
    active = Math.max(0, shown.findIndex((choice) => chosen.has(choice.value)));
    draw();
  }

  function draw() {
    replace(list, shown.map((choice, at) => h("div", { role: "option", id: `${id}-${at}`, class: `choice ${at === active ? "active" : ""}`, "aria-selected": String(chosen.has(choice.value)), onmousedown: (event) => event.preventDefault(), onclick: () => pick(choice) },
      h("span", { class: "tick", "aria-hidden": "true" }, chosen.has(choice.value) ? "✓" : ""),
      h("span", { class: "choice-name", dir: "auto" }, choice.emoji ? `${choice.emoji} ` : "", choice.name),
      choice.detail && h("span", { class: "subtext", dir: "auto" }, choice.detail))),
    !shown.length && h("p", { class: "subtext" }, "Nothing is called so."));
    const now = shown.length ? `${id}-${active}` : null;
    if (now) filter.setAttribute("aria-activedescendant", now);
    else filter.removeAttribute("aria-activedescendant");
    list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
    if (done) done.disabled = chosen.size < least || chosen.size > most;
  }

  function key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      active = shown.length ? (active + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length : 0;
      draw();
    } else if (event.key === "Enter" && shown[active]) pick(shown[active]);
    else return;
    event.preventDefault();
  }

  function pick(choice) {
    if (most > 1) {
      if (!chosen.delete(choice.value) && chosen.size < most) chosen.add(choice.value);
      title();
      return draw();
    }
    chosen.clear();
    chosen.add(choice.value);
    return finish();
  }

  function finish() {
    title();
    close(true);
    take?.([...chosen]);
  }

  return { node, button, values: () => [...chosen], enough: () => chosen.size >= least };
}
