// Times as people read them: Discord's <t:…> styles, the time beside a message, and relative times that
// stay true while the page is open.

import { h } from "./dom.js";

const format = (options) => new Intl.DateTimeFormat(undefined, options);
const STYLES = {
  t: format({ timeStyle: "short" }),
  T: format({ timeStyle: "medium" }),
  d: format({ dateStyle: "short" }),
  D: format({ dateStyle: "long" }),
  f: format({ dateStyle: "long", timeStyle: "short" }),
  F: format({ dateStyle: "full", timeStyle: "short" }),
  s: format({ dateStyle: "short", timeStyle: "short" }),
  S: format({ dateStyle: "short", timeStyle: "medium" }),
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

// How far the sandbox's clock is ahead of this machine's, ms: somebody may have moved it on.
let offset = 0;

export function setTime(now) {
  offset = now - Date.now();
}

export const ahead = () => offset;
export const now = () => Date.now() + offset;
export const clockFace = (at) => STYLES.T.format(new Date(at));

export function relative(at) {
  const seconds = Math.round((at - now()) / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return RELATIVE.format(Math.round(seconds / size), unit);
}

// `at` in ms; `style` one of Discord's letters. Times out of a calendar's range are shown as they came.
export function timeNode(at, style = "f", props = {}) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return h("span", props, String(at));
  const node = h("time", { datetime: date.toISOString(), title: STYLES.F.format(date), ...props });
  if (style === "R") {
    node.dataset.relative = String(at);
    node.textContent = relative(at);
  } else {
    node.textContent = (STYLES[style] ?? STYLES.f).format(date);
  }
  return node;
}

// Beside a message: the time alone for today, the date too for earlier days.
export function stamp(iso) {
  const at = Date.parse(iso);
  const today = new Date(at).toDateString() === new Date(now()).toDateString();
  return timeNode(at, today ? "t" : "s", { class: "stamp" });
}

export const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();
export const dayName = (iso) => STYLES.D.format(new Date(iso));

export function keepRelativeTimesTrue() {
  setInterval(() => {
    for (const node of document.querySelectorAll("time[data-relative]")) {
      const text = relative(Number(node.dataset.relative));
      if (node.textContent !== text) node.textContent = text;
    }
  }, 1000);
}
