// Puts the pieces together: who one is, which channel is open, and what the gateway says.

import { Api } from "./api.js";
import { channelName, drawChannels } from "./channels.js";
import { ClockFace } from "./clock.js";
import { Composer } from "./composer.js";
import { byId, h, replace } from "./dom.js";
import { closeDrawers, makeDrawers } from "./drawers.js";
import { Gateway } from "./gateway.js";
import { Interactions } from "./interactions.js";
import { Journal } from "./journal.js";
import { Modal } from "./modal.js";
import { News } from "./news.js";
import { Panel } from "./panel.js";
import { address, drawPeople, whereAmI, windowOf } from "./people.js";
import { Services } from "./services.js";
import { Store } from "./store.js";
import { keepRelativeTimesTrue } from "./time.js";
import { Timeline } from "./timeline.js";
import { Tour } from "./tour.js";
import { Weather } from "./weather.js";

const { person, channel: wanted } = whereAmI();
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
const services = new Services();
const news = new News();
new Panel([
  { id: "services", label: "Services", node: services.node },
  { id: "discord", label: "Discord", node: new Weather(news).node },
  { id: "clock", label: "Clock", node: new ClockFace(news).node },
  { id: "journal", label: "Journal", node: new Journal(news).node },
]);

const tour = new Tour({
  me: person, services, news,
  here: () => store.open,
  use: (text) => composer.use(text),
  openChannel: (wanted) => openChannel(store.textChannels().find((channel) => channel.name === wanted)?.id),
});

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
  tour.opened(channel.name);
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
  for (const channel of [...channels, ...(threads?.threads ?? [])]) store.channels.set(channel.id, { ...store.channels.get(channel.id), ...channel });
  for (const role of roles ?? []) store.roles.set(role.id, role);
  store.emit("channels");
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

let wasDown = false;
const gateway = new Gateway(person.token, {
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
});

store.on("channels", drawSidebar);
store.on("commands-stale", loadCommands);
store.on("commands-wanted", () => { if (Date.now() - commandsAt > 5000) loadCommands(); });
store.on("modal", (data) => modal.open(data));
store.on("channel-gone", (id) => { if (id === store.open) openChannel(store.textChannels()[0]?.id); });
// The guild comes by the gateway, right after READY: there is something to read before REST was asked.
store.on("guild", async () => {
  store.forgetHistory(); // a new session: what happened meanwhile was not told
  const open = [store.open, wanted].find((id) => store.channels.has(id)) ?? store.textChannels()[0]?.id;
  await openChannel(open);
  performance.mark("ready"); // there is something to read
  loadCommands();
  loadGuild().catch((error) => banner(error.message, "bad"));
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
services.start();
gateway.connect();
news.connect();
if (matchMedia("(min-width: 761px)").matches) composer.focus();
