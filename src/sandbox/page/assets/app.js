// Puts the pieces together: who one is, which channel is open, and what the gateway says.

import { Api } from "./api.js";
import { makeBackstage } from "./backstage.js";
import { channelName, drawChannels } from "./channels.js";
import { Composer } from "./composer.js";
import { byId, h, replace } from "./dom.js";
import { closeDrawers, makeDrawers } from "./drawers.js";
import { gatewayOf } from "./gateway.js";
import { Interactions } from "./interactions.js";
import { Modal } from "./modal.js";
import { address, drawPeople, whereAmI, windowOf } from "./people.js";
import { Store } from "./store.js";
import { keepRelativeTimesTrue } from "./time.js";
import { Timeline } from "./timeline.js";

const { person, channel: wanted } = whereAmI();
const gateway = gatewayOf(person.token);
const store = new Store();
const api = new Api(person.token);
const interactions = new Interactions(api, store);

// What messages need to know of everything else.
const world = {
  store,
  user: (id) => store.users.get(id),
  role: (id) => store.roles.get(id),
  channel: (id) => store.channels.get(id),
  channelName: (id) => title(store.channels.get(id)),
  mentionsMe: (message) => store.mentionsMe(message),
  openChannel: (id) => openChannel(id),
  useCommand: (text) => composer.use(text),
  press: (message, data) => interactions.component(message, data),
  async useOnMessage(command, message) {
    const { ok, reason } = await interactions.onMessage(command, message);
    if (!ok) timeline.complain(reason);
  },
  dismiss: (message) => store.apply("MESSAGE_DELETE", message),
};
const timeline = new Timeline(store, api, world);
const modal = new Modal(interactions, world);
const composer = new Composer(byId("composer"), {
  store, api, interactions, timeline, channel: () => store.open, channelName: () => title(store.channels.get(store.open)),
});
let tour = null; // comes with the rest that stands backstage

function title(channel) {
  return `${channel?.type === 0 ? "#" : ""}${channelName(channel)}`;
}

function openChannel(id) {
  const channel = store.channels.get(id);
  if (!channel) return undefined;
  store.open = id;
  store.seen(id);
  history.replaceState(null, "", address(person, id));
  const parent = store.isThread(channel) && store.channels.get(channel.parent_id);
  document.title = `${title(channel)} · ${person.key} · Muster sandbox`;
  replace(byId("title"), parent ? [h("button", { type: "button", class: "link", onclick: () => openChannel(parent.id) }, title(parent)), " › "] : null, h("bdi", {}, title(channel)));
  byId("topic").textContent = channel.topic ?? "";
  const drawn = timeline.open(id);
  composer.opened();
  tour?.opened(channel.name);
  closeDrawers();
  drawSidebar();
  return drawn;
}

let drawing = false;
function drawSidebar() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    drawChannels(byId("channels"), store, openChannel);
  });
}

async function loadGuild() {
  const [channels, threads, roles] = await Promise.all([api.channels(), api.threads(), api.roles().catch(() => [])]);
  store.know(channels, threads?.threads, roles);
}

let commandsAt = 0;
async function loadCommands() {
  commandsAt = Date.now();
  const index = await api.commands().catch(() => null);
  if (!index) return;
  store.commands = index.application_commands ?? [];
  composer.setCommands(store.commands);
}

function banner(text, kind = "") {
  const node = byId("banner");
  node.hidden = !text;
  node.className = `banner ${kind}`;
  if (node.textContent !== text) node.textContent = text;
}

// A channel that can be read comes first; the rest is made when the browser has time for it.
const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
function makeTheRest() {
  tour ??= makeBackstage({
    me: person,
    here: () => store.open,
    use: (text) => composer.use(text),
    openChannel: (wanted) => openChannel(store.textChannels().find((channel) => channel.name === wanted)?.id),
  });
}

let wasDown = false;
const listener = {
  dispatch(type, data) {
    store.apply(type, data);
    interactions.handle(type, data);
  },
  state(state, detail) {
    if (state === "refused") banner(detail, "bad");
    if (state === "down") {
      wasDown = true;
      banner("The sandbox does not answer. Trying again…", "bad");
    }
    if (state === "up") {
      banner(wasDown ? "Connected again." : "");
      if (wasDown) setTimeout(() => banner(""), 2500);
      wasDown = false;
    }
  },
};

store.on("channels", drawSidebar);
store.on("commands-stale", loadCommands);
store.on("commands-wanted", () => { if (Date.now() - commandsAt > 5000) loadCommands(); });
store.on("modal", (data) => modal.open(data));
store.on("channel-gone", (id) => { if (id === store.open) openChannel(store.textChannels()[0]?.id); });
// The guild comes by the gateway, right after READY.
store.on("guild", async () => {
  store.forgetHistory(); // a new session: what happened meanwhile was not told
  const open = [store.open, wanted].find((id) => store.channels.has(id)) ?? store.textChannels()[0]?.id;
  await openChannel(open);
  ready();
  loadCommands();
  loadGuild().catch((error) => banner(error.message, "bad"));
});

// early.js may know what there is to read before the gateway says so; what the gateway says then is read anew.
globalThis.firstView?.then((view) => {
  if (!view || view.token !== person.token || store.open) return;
  store.know(view.channels);
  timeline.learn(view.channel, view.messages);
  if (openChannel(view.channel)) ready();
});

// There is something to read: what else there is may come.
let isReady = false;
function ready() {
  if (isReady) return;
  isReady = true;
  performance.mark("ready");
  if (matchMedia("(min-width: 761px)").matches && document.activeElement === document.body) composer.focus();
  whenIdle(makeTheRest);
}

// A link to a place in this Discord leads there, not to discord.com.
document.addEventListener("click", async (event) => {
  const place = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/\d+\/(\d+)(?:\/(\d+))?\/?$/.exec(event.target.closest?.("a")?.href ?? "");
  if (!place) return;
  event.preventDefault();
  const [, channel, message] = place;
  if (!store.channels.has(channel)) return timeline.complain("There is no such place in this sandbox, or it is closed.");
  if (channel !== store.open) await openChannel(channel);
  if (message) timeline.point(message);
});

addEventListener("hashchange", () => {
  const next = whereAmI();
  if (next.person !== person) location.reload();
  else if (next.channel && next.channel !== store.open) openChannel(next.channel);
});

byId("skip").addEventListener("click", () => composer.focus());
window.name = windowOf(person);
drawPeople(byId("people"), person, () => store.open);
makeDrawers();
keepRelativeTimesTrue();
gateway.listen(listener);
setTimeout(makeTheRest, 2000); // even if the gateway has nothing to say
