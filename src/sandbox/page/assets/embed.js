// Embeds and attachments. Pictures come only from the sandbox itself; a picture that stands elsewhere is
// named and linked, never fetched.

import { h, link, ownPath, safeUrl } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { timeNode } from "./time.js";

export function embedNode(embed, world) {
  const node = h("article", { class: "embed" },
    embed.author?.name && h("p", { class: "embed-author" }, embed.author.url ? link(embed.author.url, embed.author.name) : embed.author.name),
    embed.title && h("p", { class: "embed-title", dir: "auto" }, embed.url ? link(embed.url, inline(embed.title, world)) : inline(embed.title, world)),
    embed.description && h("div", { class: "embed-text", dir: "auto" }, markdown(embed.description, world)),
    embed.fields?.length ? h("dl", { class: "fields" }, embed.fields.map((field) => h("div", { class: field.inline ? "field inline" : "field" },
      h("dt", { dir: "auto" }, inline(field.name, world)),
      h("dd", { dir: "auto" }, markdown(field.value, world))))) : null,
    embed.image?.url && picture(embed.image, "Picture of the embed"),
    embed.thumbnail?.url && h("div", { class: "thumbnail" }, picture(embed.thumbnail, "")),
    (embed.footer?.text || embed.timestamp) && h("footer", {},
      embed.footer?.text && h("span", { dir: "auto" }, embed.footer.text),
      embed.footer?.text && embed.timestamp && " · ",
      embed.timestamp && timeNode(Date.parse(embed.timestamp), "s")));
  if (Number.isInteger(embed.color)) node.style.setProperty("--bar", `#${(embed.color & 0xffffff).toString(16).padStart(6, "0")}`);
  return node;
}

function picture({ url, width, height, description }, alt) {
  const path = ownPath(url);
  if (!path) return h("p", { class: "elsewhere" }, "Picture at ", link(url, safeUrl(url)?.host ?? "an unknown address"));
  return h("a", { href: path, target: "_blank", rel: "noopener" },
    h("img", { src: path, alt: description ?? alt, width, height, loading: "lazy" }));
}

export function attachmentNode(attachment) {
  const path = ownPath(attachment.url);
  if (path && attachment.content_type?.startsWith("image/")) {
    return h("figure", { class: "attachment" }, picture({ ...attachment }, attachment.filename));
  }
  if (path && isText(attachment)) return preview(attachment, path);
  const label = [h("span", { class: "file-name" }, attachment.filename), h("span", { class: "file-size" }, size(attachment.size))];
  return path
    ? h("a", { class: "file", href: path, download: attachment.filename }, label)
    : h("span", { class: "file" }, label);
}

const SHORT = 256 * 1024; // what is longer is only offered
const isText = ({ filename, content_type, size }) => size <= SHORT && (content_type?.startsWith("text/") || /\.(txt|log|md|json|jsonl|csv|toml|ya?ml)$/i.test(filename ?? ""));

// A text file shows its beginning, as Discord does, and all of it when asked. It is fetched when it comes into
// view, and put into the page as text whatever it says it is.
function preview(attachment, path) {
  const code = h("pre", { tabindex: "0", "aria-label": `Contents of ${attachment.filename}` }, "…");
  const more = h("button", { type: "button", class: "link", "aria-expanded": "false", onclick: () => {
    const whole = node.classList.toggle("whole");
    more.textContent = whole ? "Less" : "More";
    more.setAttribute("aria-expanded", String(whole));
  } }, "More");
  const node = h("figure", { class: "preview" }, code, h("footer", {}, h("span", { class: "file-name", dir: "auto" }, attachment.filename), h("span", { class: "file-size" }, size(attachment.size)), more, h("a", { href: path, download: attachment.filename, "aria-label": `Save ${attachment.filename}` }, "Save")));
  const fill = async () => {
    const text = await fetch(path).then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status))))).catch(() => null);
    code.textContent = text ?? "The file is not there any more.";
    more.hidden = code.scrollHeight <= code.clientHeight + 2;
  };
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    fill();
  });
  watch.observe(node);
  return node;
}

function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const units = ["bytes", "KB", "MB"];
  const step = bytes < 1024 ? 0 : bytes < 1048576 ? 1 : 2;
  return `${step ? (bytes / 1024 ** step).toFixed(1) : bytes} ${units[step]}`;
}
