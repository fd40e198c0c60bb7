// Times as people read them: Discord's <t:…> styles, the time beside a message, and relative times that
// stay true while the page is open.

import { h } from "./dom.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
// The team's zone, where the server says it: what the bot draws and writes down is in that one. Else the browser's.
let zone;

export function zoneName() {
  zone ??= [document.documentElement.dataset.zone, undefined].map(known).find(Boolean);
  return zone;
}

function known(zone) {
  try {
    return zone === "" ? null : new Intl.DateTimeFormat(undefined, { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null; // this browser does not know it
  }
}

export const whoseTime = () => (document.documentElement.dataset.zone === zoneName() ? `Times are those of ${zoneName()}, the team's zone.` : `Times are those of ${zoneName()}, this browser's zone.`);

// Made when first needed: one takes milliseconds, and the page is to open quickly.
const formats = new Map();

function format(style, date) {
  if (!formats.has(style)) formats.set(style, new Intl.DateTimeFormat(undefined, { ...STYLES[style], timeZone: zoneName() }));
  return formats.get(style).format(date);
}

const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
let relatives = null;

// How far the sandbox's clock is ahead of this machine's, ms: somebody may have moved it on.
let offset = 0;

export function setTime(now) {
  offset = now - Date.now();
}

export const ahead = () => offset;
export const now = () => Date.now() + offset;
export const clockFace = (at) => format("T", new Date(at));

export function relative(at) {
  const seconds = Math.round((at - now()) / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  relatives ??= new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  return relatives.format(Math.round(seconds / size), unit);
}

// `at` in ms; `style` one of Discord's letters. Times out of a calendar's range are shown as they came.
export function timeNode(at, style = "f", props = {}) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return h("span", props, String(at));
  const node = h("time", { datetime: date.toISOString(), title: `${format("F", date)}, ${zoneName()}`, ...props });
  if (style === "R") {
    node.dataset.relative = String(at);
    node.textContent = relative(at);
  } else {
    node.textContent = format(STYLES[style] ? style : "f", date);
  }
  return node;
}

// Beside a message: the time alone for today, the date too for earlier days.
export function stamp(iso) {
  const at = Date.parse(iso);
  const today = sameDay(at, now());
  return timeNode(at, today ? "t" : "s", { class: "stamp" });
}

export const sameDay = (a, b) => format("d", new Date(a)) === format("d", new Date(b));
export const dayName = (iso) => format("D", new Date(iso));

export function keepRelativeTimesTrue() {
  setInterval(() => {
    for (const node of document.querySelectorAll("time[data-relative]")) {
      const text = relative(Number(node.dataset.relative));
      if (node.textContent !== text) node.textContent = text;
    }
  }, 1000);
}
