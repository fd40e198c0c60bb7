// Discord's Markdown as elements. Text is split into pieces and each piece becomes a node of its own:
// there is no step at which anything written by a person could be read as HTML.

import { h, link, name, safeUrl } from "./dom.js";
import { timeNode } from "./time.js";

const DEEPEST = 8; // nesting past this is shown as it was typed

// `world` answers what ids are called: user(id), role(id), channel(id) → object or undefined,
// openChannel(id), useCommand(text).
export function markdown(text, world) {
  return blocks(String(text ?? ""), world, 0);
}

const FENCE = /```(?:([\w+#.-]{1,32})\n)?\n?([\s\S]*?)\n?```/g;

function blocks(text, world, depth) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    nodes.push(...lines(trimBreak(text.slice(end, match.index)), world, depth));
    nodes.push(h("pre", { tabindex: "0" }, h("code", { "data-language": match[1] }, match[2])));
    end = match.index + match[0].length;
  }
  nodes.push(...lines(end ? text.slice(end).replace(/^\n/, "") : text, world, depth));
  return nodes;
}

const trimBreak = (text) => text.replace(/\n$/, "");

function lines(text, world, depth) {
  if (text === "") return [];
  const rows = text.split("\n");
  const nodes = [];
  let plain = [];
  const flush = () => {
    if (plain.length) nodes.push(h("p", {}, inline(plain.join("\n"), world, depth)));
    plain = [];
  };
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at];
    let match;
    if (row.startsWith(">>> ") && depth < DEEPEST) {
      flush();
      const rest = [row.slice(4), ...rows.slice(at + 1)].join("\n");
      nodes.push(h("blockquote", {}, lines(rest, world, depth + 1)));
      break;
    } else if (row.startsWith("> ") && depth < DEEPEST) {
      flush();
      const quoted = [];
      while (rows[at]?.startsWith("> ")) quoted.push(rows[at++].slice(2));
      at -= 1;
      nodes.push(h("blockquote", {}, lines(quoted.join("\n"), world, depth + 1)));
    } else if ((match = /^(#{1,3}) +(.+)$/.exec(row))) {
      flush();
      // One rank for all, below the page's own: a message may begin with a small one.
      nodes.push(h("h2", { class: `big${match[1].length}` }, inline(match[2], world, depth)));
    } else if ((match = /^-# +(.+)$/.exec(row))) {
      flush();
      nodes.push(h("p", { class: "subtext" }, inline(match[1], world, depth)));
    } else if (ITEM.test(row)) {
      flush();
      const items = [];
      while (at < rows.length && ITEM.test(rows[at])) items.push(ITEM.exec(rows[at++]));
      at -= 1;
      nodes.push(...lists(items, world, depth));
    } else {
      plain.push(row);
    }
  }
  flush();
  return nodes;
}

const ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

// Neighbouring items with the same indent and kind are one list; deeper ones belong to the item above.
function lists(items, world, depth) {
  const nodes = [];
  for (let at = 0; at < items.length;) {
    const [, indent, mark] = items[at];
    const numbered = /\d/.test(mark);
    const list = numbered ? h("ol", { start: parseInt(mark, 10) }) : h("ul");
    while (at < items.length && items[at][1].length <= indent.length && /\d/.test(items[at][2]) === numbered) {
      const own = inline(items[at][3], world, depth);
      const inner = [];
      at += 1;
      while (at < items.length && items[at][1].length > indent.length) inner.push(items[at++]);
      list.append(h("li", {}, own, depth < DEEPEST ? lists(inner, world, depth + 1) : inner.map((item) => item[0])));
    }
    nodes.push(list);
  }
  return nodes;
}

const RULES = [
  [/\\([^A-Za-z0-9\s])/y, (m) => m[1]],
  [/(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/y, (m) => h("code", {}, m[2].trim() || m[2])],
  [/<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, (m) => timeNode(Number(m[1]) * 1000, m[2])],
  [/<@!?(\d{1,20})>/y, (m, world) => mention("@", world.user(m[1])?.global_name || world.user(m[1])?.username || "unknown person")],
  [/<@&(\d{1,20})>/y, (m, world) => mention("@", world.role(m[1])?.name || "unknown role")],
  [/<#(\d{1,20})>/y, (m, world) => channelMention(m[1], world)],
  [/<\/([^:<>\n]{1,100}):\d{1,20}>/y, (m, world) => h("button", { type: "button", class: "mention", onclick: () => world.useCommand(`/${m[1]} `) }, `/${m[1]}`)],
  [/<a?:(\w{2,32}):\d{1,20}>/y, (m) => `:${m[1]}:`],
  [/\[([^\[\]\n]{1,400})\]\(<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?\)/y, (m, world, depth) => (safeUrl(m[2]) ? link(m[2], inline(m[1], world, depth + 1)) : m[0])],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => link(m[1], m[1])],
  [/https?:\/\/[^\s<>]*[^\s<>.,:;"')\]*_~|]/y, (m) => link(m[0], m[0])],
  [/@(everyone|here)\b/y, (m) => mention("@", m[1])],
  [/\|\|([\s\S]+?)\|\|/y, (m, world, depth) => spoiler(inline(m[1], world, depth + 1))],
  [/\*\*([\s\S]+?)\*\*(?!\*)/y, (m, world, depth) => h("strong", {}, inline(m[1], world, depth + 1))],
  [/__([\s\S]+?)__(?!_)/y, (m, world, depth) => h("u", {}, inline(m[1], world, depth + 1))],
  [/~~([\s\S]+?)~~/y, (m, world, depth) => h("s", {}, inline(m[1], world, depth + 1))],
  [/\*(?![\s*])((?:\*\*|[^*])+?)(?<!\s)\*(?!\*)/y, (m, world, depth) => h("em", {}, inline(m[1], world, depth + 1))],
  [/(?<![A-Za-z0-9])_(?!\s)((?:__|[^_])+?)_(?![A-Za-z0-9_])/y, (m, world, depth) => h("em", {}, inline(m[1], world, depth + 1))],
];
const SPECIAL = /[\\`<\[@|*_~h]/;

export function inline(text, world, depth = 0) {
  if (depth > DEEPEST) return [text];
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length;) {
    const hit = SPECIAL.test(text[at]) && firstRule(text, at);
    if (!hit) {
      plain += text[at++];
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(hit.make(hit.match, world, depth));
    at += hit.match[0].length;
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function firstRule(text, at) {
  for (const [pattern, make] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { match, make };
  }
  return null;
}

const mention = (sign, text) => h("span", { class: "mention" }, sign, name(text));

function channelMention(id, world) {
  const channel = world.channel(id);
  if (!channel) return mention("#", "unknown channel");
  return h("button", { type: "button", class: "mention", onclick: () => world.openChannel(id) }, "#", name(channel.name));
}

function spoiler(children) {
  const reveal = () => {
    node.classList.add("shown");
    node.removeAttribute("role");
    node.removeAttribute("tabindex");
    node.removeAttribute("aria-label");
  };
  const key = (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      reveal();
    }
  };
  const node = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text, press to show", onclick: reveal, onkeydown: key }, h("span", {}, children));
  return node;
}
