// The only way in which this page makes elements. Whatever is passed as a child becomes text or is an
// element already; no string is ever read as markup.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function replace(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A link to the outside: only http and https, always in a window of its own that cannot reach back.
export function link(address, ...children) {
  const url = safeUrl(address);
  if (!url) return h("span", {}, ...children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

export function safeUrl(address) {
  try {
    const url = new URL(String(address));
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

// An address of this very server as a path, whichever of its names it was written with; else null.
// Pictures are shown only from here: nothing on this page asks another host for anything.
export function ownPath(address) {
  try {
    const url = new URL(String(address), location.href);
    const own = LOOPBACK.has(url.hostname) && url.port === location.port && url.protocol === location.protocol;
    return own ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

// Says something to people who listen instead of looking.
export function announce(text) {
  const live = byId("live");
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

// A name is somebody else's text: its direction must not leak into ours.
export const name = (text, props = {}) => h("bdi", props, text);

export function avatar(user, size = "") {
  const label = (user?.global_name || user?.username || "?").trim();
  const letters = [...label][0] ?? "?";
  const node = h("span", { class: `avatar ${size} ${user?.bot ? "bot" : ""}`, "aria-hidden": "true" }, letters.toUpperCase());
  node.style.setProperty("--hue", hue(user?.id ?? "0"));
  return node;
}

// The last digits tell the seeded ids apart; a golden angle keeps neighbours unlike.
function hue(id) {
  return String((Number(String(id).slice(-4)) * 137.5) % 360);
}
