// Buttons and selects below a message. A press is a request like any other: it is under way, then it is
// answered, or it failed and says so.

import { h, link, safeUrl } from "./dom.js";

const ROW = 1;
const BUTTON = 2;
const SELECT = 3;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

// `press(data)` answers a promise of { ok, reason }.
export function componentRows(message, press) {
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
    h("div", { class: "row" }, (row.components ?? []).map((part) => control(part, run))));
  return rows.length ? h("div", { class: "components" }, rows, trouble) : null;
}

function control(part, run) {
  if (part.type === BUTTON) return button(part, run);
  if (part.type === SELECT) return select(part, run);
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

function select(part, run) {
  const many = (part.max_values ?? 1) > 1;
  const least = part.min_values ?? 1;
  const options = (part.options ?? []).map((option) =>
    h("option", { value: option.value, selected: option.default, title: option.description }, option.description ? `${option.label} — ${option.description}` : option.label));
  const node = h("select", {
    class: "control",
    multiple: many,
    disabled: part.disabled,
    size: many ? Math.min(options.length, 6) : undefined,
    "aria-label": part.placeholder || "Choose",
    "data-custom-id": part.custom_id,
  }, !many && h("option", { value: "", disabled: true, selected: !part.options?.some((option) => option.default) }, part.placeholder || "Choose…"), options);
  const chosen = () => [...node.selectedOptions].filter((option) => !option.disabled).map((option) => option.value);
  const go = () => {
    const values = chosen();
    if (values.length >= least && values.length <= (part.max_values ?? 1)) run(node, { component_type: SELECT, type: SELECT, custom_id: part.custom_id, values });
  };
  if (!many) {
    node.addEventListener("change", go);
    return node;
  }
  // With several to choose, the choice is finished by a button of its own.
  return h("span", { class: "many" }, node, h("button", { type: "button", class: "control secondary", onclick: go, disabled: part.disabled }, "Choose these"));
}
