// Buttons and selects below a message. A press is a request like any other: it is under way, then it is
// answered, or it failed and says so.

import { h, link, safeUrl } from "./dom.js";
import { SELECTS, picker } from "./picker.js";

const ROW = 1;
const BUTTON = 2;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

// `press(data)` answers a promise of { ok, reason }.
export function componentRows(message, press, store) {
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const run = async (control, data) => {
    control.classList.add("busy");
    control.setAttribute("aria-busy", "true");
    trouble.hidden = true;
    const { ok, reason } = await press(data);
    control.classList.remove("busy");
    control.removeAttribute("aria-busy");
    if (!ok) {
      trouble.textContent = reason;
      trouble.hidden = false;
    }
  };
  const rows = (message.components ?? []).filter((row) => row.type === ROW).map((row) =>
    h("div", { class: "row" }, (row.components ?? []).map((part) => control(part, run, store))));
  return rows.length ? h("div", { class: "components" }, rows, trouble) : null;
}

function control(part, run, store) {
  if (part.type === BUTTON) return button(part, run);
  if (SELECTS.has(part.type)) return select(part, run, store);
  return h("span", { class: "subtext" }, "This kind of control is not shown in the sandbox.");
}

function label(part) {
  const emoji = part.emoji?.id ? `:${part.emoji.name}:` : part.emoji?.name;
  return [emoji, part.label].filter(Boolean).join(" ") || "…";
}

function button(part, run) {
  if (part.style === 5) {
    if (!safeUrl(part.url) || part.disabled) return h("button", { type: "button", class: "control secondary", disabled: true }, label(part));
    const node = link(part.url, label(part), h("span", { "aria-hidden": "true" }, "↗"));
    node.className = "control secondary";
    return node;
  }
  const node = h("button", {
    type: "button",
    class: `control ${STYLES[part.style] ?? "secondary"}`,
    disabled: part.disabled,
    "data-custom-id": part.custom_id,
    onclick: () => { if (!node.classList.contains("busy")) run(node, { component_type: BUTTON, custom_id: part.custom_id }); },
  }, label(part));
  return node;
}

function select(part, run, store) {
  const { node, button } = picker(part, { store, take: (values) => run(button, { component_type: part.type, type: part.type, custom_id: part.custom_id, values }) });
  return node;
}
