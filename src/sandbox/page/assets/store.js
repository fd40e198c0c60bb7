// What this person's client knows: channels, messages, people, commands. It changes only by what the
// gateway and REST say, and tells who is listening what changed. It draws nothing.

const TEXT = new Set([0, 5]);
const THREAD = new Set([10, 11, 12]);
export const EPHEMERAL = 64;
export const LOADING = 128;

// What an option's type says it names.
const NAMED = { user: 6, channel: 7, role: 8, mentionable: 9 };

const older = (a, b) => (a.length - b.length) || (a < b ? -1 : a > b ? 1 : 0);
export const byAge = (a, b) => older(a.id, b.id);

export class Store {
  constructor() {
    this.listeners = new Map();
    this.me = null;
    this.session = null;
    this.channels = new Map();
    this.users = new Map();
    this.roles = new Map();
    this.myRoles = new Set();
    this.commands = [];
    this.messages = new Map(); // channel → Map(id → message), oldest first
    this.read = new Set(); // channels whose newest history was read in this session
    this.unread = new Map(); // channel → { count, mentions }
    this.open = null;
  }

  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  emit(event, ...details) {
    for (const listener of this.listeners.get(event) ?? []) listener(...details);
  }

  // Lists for the sidebar.
  textChannels() {
    const position = (channel) => channel.position ?? 0;
    return [...this.channels.values()].filter((c) => TEXT.has(c.type)).sort((a, b) => position(a) - position(b) || byAge(a, b));
  }

  threadsOf(channel) {
    return [...this.channels.values()].filter((c) => THREAD.has(c.type) && c.parent_id === channel && !c.thread_metadata?.archived).sort(byAge);
  }

  directMessages() {
    return [...this.channels.values()].filter((c) => c.type === 1).sort(byAge);
  }

  // People, channels and roles by name, for options and selects of those types: [{ name, value, detail? }].
  named(type) {
    const people = [...this.users.values()].map((user) => ({ name: `@${user.global_name || user.username}`, value: user.id }));
    const groups = [...this.roles.values()].filter((role) => !role.name.startsWith("@")).map((role) => ({ name: `@${role.name}`, value: role.id }));
    if (type === NAMED.user) return people;
    if (type === NAMED.channel) return [...this.channels.values()].filter((one) => one.name).map((one) => ({ name: `#${one.name}`, value: one.id }));
    if (type === NAMED.role) return groups;
    return type === NAMED.mentionable ? [...people, ...groups] : [];
  }

  isThread(channel) {
    return THREAD.has(channel?.type);
  }

  messagesOf(channel) {
    return this.messages.get(channel);
  }

  // What REST says of the guild.
  know(channels, threads, roles) {
    for (const channel of [...channels, ...(threads ?? [])]) this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    for (const role of roles ?? []) this.roles.set(role.id, role);
    this.emit("channels");
  }

  // A page of history, in whatever order it came.
  history(channel, page) {
    this.read.add(channel);
    const known = this.messages.get(channel) ?? new Map();
    // A page comes newest first, and is older than what is known: no need to sort ten thousand.
    const older = [...page].reverse();
    const sorted = !known.size || !older.length || byAge(older.at(-1), known.values().next().value) < 0;
    const all = sorted ? [...older, ...known.values()] : [...page, ...known.values()].sort(byAge);
    for (const message of page) this.learn(message);
    this.messages.set(channel, new Map(all.map((message) => [message.id, known.get(message.id) ?? message])));
  }

  // After the server was away: what was seen may be out of date. Ephemeral messages are in no history.
  forgetHistory() {
    this.read.clear();
    for (const [channel, known] of this.messages) {
      const kept = [...known].filter(([, message]) => message.flags & EPHEMERAL);
      if (kept.length) this.messages.set(channel, new Map(kept));
      else this.messages.delete(channel);
    }
  }

  learn(message) {
    for (const user of [message.author, message.interaction?.user, message.interaction_metadata?.user, ...(message.mentions ?? [])]) {
      if (user?.id) this.users.set(user.id, user);
    }
    if (message.thread) this.channels.set(message.thread.id, { ...this.channels.get(message.thread.id), ...message.thread });
  }

  mentionsMe(message) {
    if (message.author?.id === this.me?.id) return false;
    return Boolean(message.mention_everyone || message.mentions?.some((user) => user.id === this.me?.id) || message.mention_roles?.some((role) => this.myRoles.has(role)));
  }

  seen(channel) {
    if (this.unread.delete(channel)) this.emit("channels");
  }

  apply(type, data) {
    const handler = HANDLERS[type];
    if (handler) handler(this, data);
  }
}

function keep(store, channel) {
  store.channels.set(channel.id, { ...store.channels.get(channel.id), ...channel });
  store.emit("channels");
}

function drop(store, { id }) {
  store.channels.delete(id);
  store.messages.delete(id);
  store.read.delete(id);
  store.emit("channels");
  store.emit("channel-gone", id);
}

function guild(store, data) {
  for (const role of data.roles ?? []) store.roles.set(role.id, role);
  for (const channel of [...(data.channels ?? []), ...(data.threads ?? [])]) store.channels.set(channel.id, { ...store.channels.get(channel.id), ...channel });
  for (const member of data.members ?? []) {
    if (member.user) store.users.set(member.user.id, member.user);
    if (member.user?.id === store.me?.id) store.myRoles = new Set(member.roles);
  }
  store.emit("channels");
  store.emit("guild");
}

const HANDLERS = {
  READY(store, data) {
    store.me = data.user;
    store.session = data.session_id;
    // A new session: what is not told again is not there any more.
    store.channels.clear();
    store.unread.clear();
    store.users.set(data.user.id, data.user);
    for (const user of data.users ?? []) store.users.set(user.id, user);
    for (const channel of data.private_channels ?? []) store.channels.set(channel.id, channel);
    for (const one of data.guilds ?? []) if (!one.unavailable) guild(store, one);
  },
  GUILD_CREATE: guild,
  CHANNEL_CREATE: keep,
  CHANNEL_UPDATE: keep,
  CHANNEL_DELETE: drop,
  THREAD_CREATE: keep,
  THREAD_UPDATE: keep,
  THREAD_DELETE: drop,
  THREAD_LIST_SYNC(store, data) {
    for (const thread of data.threads ?? []) keep(store, thread);
  },
  GUILD_APPLICATION_COMMAND_INDEX_UPDATE(store) {
    store.emit("commands-stale");
  },
  MESSAGE_CREATE(store, message) {
    store.learn(message);
    if (message.member?.roles && message.author?.id === store.me?.id) store.myRoles = new Set(message.member.roles);
    if (!store.channels.has(message.channel_id) && !message.guild_id) {
      store.channels.set(message.channel_id, { id: message.channel_id, type: 1, recipients: [message.author] });
    }
    // While its history is on its way, what is new is not in it perhaps.
    if (message.channel_id === store.open && !store.messages.has(store.open)) store.messages.set(store.open, new Map());
    const known = store.messages.get(message.channel_id);
    const isNew = !known?.has(message.id);
    known?.set(message.id, message);
    if (isNew && message.channel_id !== store.open && message.author?.id !== store.me?.id) {
      const unread = store.unread.get(message.channel_id) ?? { count: 0, mentions: 0 };
      unread.count += 1;
      // What is said to one alone is for them.
      unread.mentions += !message.guild_id || store.mentionsMe(message) ? 1 : 0;
      store.unread.set(message.channel_id, unread);
    }
    store.emit("message", message, isNew);
    store.emit("channels");
  },
  MESSAGE_UPDATE(store, change) {
    const known = store.messages.get(change.channel_id);
    const before = known?.get(change.id);
    if (!before) return;
    const message = { ...before, ...change };
    known.set(message.id, message);
    store.learn(message);
    store.emit("message", message, false);
  },
  MESSAGE_DELETE(store, { id, channel_id }) {
    store.messages.get(channel_id)?.delete(id);
    store.emit("message-gone", channel_id, id);
  },
  MESSAGE_DELETE_BULK(store, { ids, channel_id }) {
    for (const id of ids) HANDLERS.MESSAGE_DELETE(store, { id, channel_id });
  },
};
