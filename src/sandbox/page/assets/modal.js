// A form that the bot asks a person to fill in. What was typed is kept until the bot has it.

import { byId, h, replace } from "./dom.js";
import { markdown } from "./markdown.js";
import { SELECTS, picker } from "./picker.js";

const ROW = 1;
const INPUT = 4;
const TEXT = 10;
const LABEL = 18;

export class Modal {
  constructor(interactions, world) {
    this.interactions = interactions;
    this.world = world;
    this.dialog = byId("modal");
  }

  open(modal) {
    const fields = [];
    const body = (modal.components ?? []).map((component) => this.part(component, fields));
    const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    const send = h("button", { type: "submit", class: "control primary" }, "Submit");
    const close = () => this.dialog.close();
    const submit = async (event) => {
      event.preventDefault();
      const missing = fields.map((one) => one.missing?.()).find(Boolean);
      if (missing) {
        trouble.textContent = `“${missing.label}” is needed.`;
        trouble.hidden = false;
        return missing.focus();
      }
      send.disabled = true;
      trouble.hidden = true;
      const { ok, reason } = await this.interactions.submit(modal, fields.map((field) => field.read()));
      send.disabled = false;
      if (ok) return close();
      trouble.textContent = `${reason} What you typed is still here.`;
      trouble.hidden = false;
      return undefined;
    };
    replace(this.dialog, h("form", { onsubmit: submit },
      h("header", {},
        h("h2", { id: "modal-title", dir: "auto" }, modal.title || "Form"),
        h("button", { type: "button", class: "quiet", "aria-label": "Close without sending", onclick: close }, "×")),
      h("div", { class: "modal-body" }, body),
      h("footer", {}, trouble, h("button", { type: "button", class: "control secondary", onclick: close }, "Cancel"), send)));
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector(".modal-body :is(input, textarea, button)")?.focus();
  }

  // A row holds one input with its own label; a label component holds the label and the input apart.
  part(component, fields) {
    if (component.type === TEXT) return h("div", {}, markdown(component.content, this.world));
    if (component.type === ROW) {
      return (component.components ?? []).map((inner) => {
        const { node, value, missing } = field(inner, this.world.store, inner.label);
        fields.push({ missing, read: () => ({ type: ROW, components: [value()] }) });
        return labelled(inner.label, inner, null, node);
      });
    }
    if (component.type === LABEL && component.component) {
      const { node, value, missing } = field(component.component, this.world.store, component.label);
      fields.push({ missing, read: () => ({ type: LABEL, id: component.id, component: value() }) });
      return labelled(component.label, component.component, component.description, node);
    }
    return h("p", { class: "subtext" }, "This kind of control is not shown in the sandbox.");
  }
}

function labelled(text, input, description, node) {
  const about = description ? `about-${input.custom_id}` : undefined;
  if (about) node.setAttribute("aria-describedby", about);
  return h("div", { class: "field-row" },
    h("label", { for: node.id.replace("-place", ""), dir: "auto" }, text || input.placeholder || "Text", input.required === false ? h("span", { class: "subtext" }, " optional") : null),
    about && h("p", { class: "subtext", id: about, dir: "auto" }, description),
    node);
}

let count = 0;

function field(input, store, label) {
  count += 1;
  const id = `field-${count}`;
  if (SELECTS.has(input.type)) {
    const { node, button, values, enough } = picker(input, { store, label });
    button.id = id;
    node.id = `${id}-place`;
    const missing = () => (input.required !== false && !enough() ? { label, focus: () => button.focus() } : null);
    return { node, missing, value: () => ({ type: input.type, custom_id: input.custom_id, values: values() }) };
  }
  const props = {
    id, value: input.value ?? "", placeholder: input.placeholder, required: input.required !== false,
    minlength: input.min_length || undefined, maxlength: input.max_length ?? 4000, dir: "auto",
  };
  const node = input.style === 2 ? h("textarea", { ...props, rows: "5" }) : h("input", { ...props, type: "text", autocomplete: "off" });
  return { node, value: () => ({ type: INPUT, custom_id: input.custom_id, value: node.value }) };
}
