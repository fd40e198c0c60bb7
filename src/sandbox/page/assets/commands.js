// Slash commands as text: `/incident declare title: the site is down severity: P1`. Finds the command, what
// was given for which option, and makes of it what Discord's client sends. Knows no elements and no network.

const SUB = 1;
const GROUP = 2;
export const TYPE = { string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };

// Every command that can be typed, subcommands as entries of their own.
export function entries(commands) {
  const found = [];
  const walk = (command, path, node) => {
    const inner = (node.options ?? []).filter((option) => option.type === SUB || option.type === GROUP);
    if (!inner.length) found.push({ command, path, name: path.join(" "), description: node.description, options: node.options ?? [] });
    for (const option of inner) walk(command, [...path, option.name], option);
  };
  const slash = commands.filter((command) => (command.type ?? 1) === 1);
  // Commands by name; subcommands as their author put them, the commonest first.
  for (const command of slash.sort((a, b) => (a.name < b.name ? -1 : 1))) walk(command, [command.name], command);
  return found;
}

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

// The entries that what was typed after the slash could become, the likeliest first.
export function matching(all, typed) {
  const wish = typed.toLowerCase().trimEnd();
  const starts = all.filter((entry) => entry.name.toLowerCase().startsWith(wish));
  const contains = all.filter((entry) => !starts.includes(entry) && entry.name.toLowerCase().includes(wish));
  return [...starts, ...contains];
}

// What stands in the text, or null while no command is named in full:
// { entry, values: [{ option, from, to, text }] } with places in the text. Text before the first
// `option:` belongs to the first option, so that `/health soundlab` is enough.
export function parse(text, all) {
  if (!text.startsWith("/")) return null;
  const entry = all
    .filter((one) => text.length > one.name.length && same(text.slice(1, one.name.length + 1), one.name) && /^\s|^$/.test(text.slice(one.name.length + 1)))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (!entry) return null;
  const begin = entry.name.length + 1;
  const marks = [];
  for (const match of text.slice(begin).matchAll(/(?<=\s)([^\s:]{1,32}):/gu)) {
    const option = entry.options.find((one) => one.name === match[1]);
    if (option && !marks.some((mark) => mark.option === option)) marks.push({ option, at: begin + match.index, from: begin + match.index + match[0].length });
  }
  const values = marks.map((mark, index) => value(text, mark.option, mark.from, marks[index + 1]?.at ?? text.length));
  const loose = text.slice(begin, marks[0]?.at ?? text.length);
  const left = ordered(entry).filter((option) => !marks.some((mark) => mark.option === option));
  if (loose.trim() && left.length) values.unshift({ ...value(text, left[0], begin + 1, marks[0]?.at ?? text.length), loose: true });
  return { entry, values, begin };
}

function value(text, option, from, to) {
  return { option, from, to, text: text.slice(from, to).trim() };
}

// The required ones first, as Discord wants them.
export const ordered = (entry) => [...entry.options].sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false));

// What Discord's client sends as `data`; `lookup(kind, text)` answers the id of a person, channel or role.
// With `focused`, the data of a completion: the option being typed is marked and may be anything.
// Answers { data } or { trouble, option }.
export function toData(parsed, lookup, labels, focused) {
  const { entry, values } = parsed;
  const options = [];
  for (const one of values) {
    if (one.option === focused) {
      options.push({ type: one.option.type, name: one.option.name, value: one.text, focused: true });
      continue;
    }
    if (one.text === "") continue;
    const converted = convert(one.option, one.text, lookup, labels);
    if (converted.trouble && !focused) return { trouble: converted.trouble, option: one.option };
    if (!converted.trouble) options.push({ type: one.option.type, name: one.option.name, value: converted.value });
  }
  const missing = entry.options.find((option) => option.required && !options.some((one) => one.name === option.name));
  if (missing && !focused) return { trouble: `“${missing.name}” is needed: ${missing.description}`, option: missing };
  return { data: envelope(entry, options) };
}

function envelope(entry, options) {
  const { command, path } = entry;
  let node = options;
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    node = [{ type: depth === path.length - 1 ? SUB : GROUP, name: path[depth], options: node }];
  }
  return { version: command.version, id: command.id, name: command.name, type: 1, options: node, attachments: [] };
}

function convert(option, text, lookup, labels) {
  const wrong = (what) => ({ trouble: `“${option.name}” ${what}` });
  const known = labels.get(`${option.name}\n${text}`);
  if (known !== undefined) return { value: known };
  if (option.choices?.length) {
    const choice = option.choices.find((one) => same(one.name, text)) ?? option.choices.find((one) => same(String(one.value), text));
    return choice ? { value: choice.value } : wrong(`is one of: ${option.choices.map((one) => one.name).join(", ")}`);
  }
  switch (option.type) {
    case TYPE.integer:
    case TYPE.number:
      return number(option, text, wrong);
    case TYPE.boolean:
      return /^(true|false)$/i.test(text) ? { value: same(text, "true") } : wrong("is true or false");
    case TYPE.user:
    case TYPE.channel:
    case TYPE.role:
    case TYPE.mentionable: {
      const id = /^\d{15,20}$/.test(text) ? text : lookup(option.type, text);
      return id ? { value: id } : wrong(`knows nobody and nothing called ${text}`);
    }
    case TYPE.attachment:
      return wrong("is a file, which the sandbox cannot send yet");
    default: {
      const length = [...text].length;
      if (option.max_length && length > option.max_length) return wrong(`is ${length} characters long, at most ${option.max_length} are allowed`);
      if (option.min_length && length < option.min_length) return wrong(`needs at least ${option.min_length} characters`);
      return { value: text };
    }
  }
}

function number(option, text, wrong) {
  const found = Number(text);
  if (!Number.isFinite(found) || (option.type === TYPE.integer && !Number.isInteger(found))) return wrong(option.type === TYPE.integer ? "is a whole number" : "is a number");
  if (option.min_value !== undefined && found < option.min_value) return wrong(`is at least ${option.min_value}`);
  if (option.max_value !== undefined && found > option.max_value) return wrong(`is at most ${option.max_value}`);
  return { value: found };
}
