// Several people at once: who sees what, what comes back after the server was away, and what the side panel does
// to the bot.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, button, CHANNELS, message, open, Sandbox, say, shot, until } from "./support.mjs";

const browser = new Browser();
let sandbox, context;
before(async () => {
  sandbox = await Sandbox.start();
  await browser.start();
  context = await browser.profile();
});
after(async () => {
  await browser.end();
  await sandbox?.end();
});

test("what is for one person's eyes is seen by nobody else", browser.witness(async () => {
  const people = {};
  for (const person of ["responder", "approver", "lead", "onlooker"]) people[person] = await open(context, sandbox, person);
  await say(people.responder, "/incident declare title:Only once severity:P3");
  const card = (page) => message(page, "INC-1 · P3 · Only once");
  for (const page of Object.values(people)) await card(page).waitFor();
  await card(people.lead).getByRole("button", { name: "Timeline" }).click();
  await people.lead.getByText("Only you can see this").waitFor();
  // A later message that everybody sees: what would have come before it, has.
  await sandbox.post(CHANNELS.incidents, { content: "afterwards" });
  for (const [person, page] of Object.entries(people)) {
    await message(page, "afterwards").waitFor();
    const own = person === "lead" || person === "responder"; // the answer to the declaration is the responder's
    assert.equal(await page.getByText("Only you can see this").count(), own ? 1 : 0, person);
  }
  // The history of somebody else's window does not have it either.
  await people.approver.reload();
  await message(people.approver, "afterwards").waitFor();
  assert.equal(await people.approver.getByText("Only you can see this").count(), 0);
  // Whoever has no rights is told so, alone.
  await say(people.onlooker, "/incident declare title:Not allowed severity:P4");
  await message(people.onlooker, "Ask one of them").waitFor();
  await Promise.all(Object.values(people).map((page) => page.close()));
}));

test("a direct message comes to one person's window and to no other's", browser.witness(async () => {
  const lead = await open(context, sandbox, "lead");
  const onlooker = await open(context, sandbox, "onlooker");
  const { id } = await sandbox.rest("POST", "/users/@me/channels", { recipient_id: "1100000000000000042" });
  await sandbox.post(id, { content: "for the lead alone", components: [{ type: 1, components: [{ type: 2, style: 3, label: "Acknowledge", custom_id: "x" }] }] });
  await lead.getByRole("heading", { name: "Direct messages" }).waitFor();
  const entry = lead.getByRole("button", { name: /Muster.*1 unread.*1 for you/ });
  await entry.click();
  await button(lead, "for the lead alone", "Acknowledge").waitFor();
  // A later message that both see: what would have come before it, has.
  await sandbox.post(CHANNELS.incidents, { content: "for everybody" });
  await message(onlooker, "for everybody").waitFor();
  assert.equal(await onlooker.getByRole("heading", { name: "Direct messages" }).count(), 0);
  await lead.close();
  await onlooker.close();
}));

test("the person is chosen in the page, and stays over a reload", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  await page.getByRole("radio", { name: "lead" }).check({ force: true });
  await until(async () => (await page.title()).includes("lead"), "the page is the lead's");
  await page.reload();
  await until(async () => (await page.title()).includes("lead"), "the page is the lead's again");
  assert.ok(await page.getByRole("radio", { name: "lead" }).isChecked());
  await page.close();
}));

test("a command of a message's menu reaches the bot", browser.witness(async () => {
  const { id } = await sandbox.post(CHANNELS.general, { content: "look at this" });
  const page = await open(context, sandbox, "responder", CHANNELS.general);
  // One beside the bot's own; the page hears of it by itself.
  const told = page.waitForResponse((response) => response.url().endsWith("/application-command-index"));
  await sandbox.rest("PUT", "/applications/1100000000000000001/commands", [{ type: 3, name: "Look at this" }]);
  const ours = (await (await told).json()).application_commands.filter((command) => command.type === 3).map((command) => command.name);
  assert.ok(ours.includes("Look at this"));
  await message(page, "look at this").click({ button: "right", position: { x: 200, y: 10 } });
  const menu = page.getByRole("menu", { name: "Message" });
  await menu.waitFor();
  const items = await menu.getByRole("menuitem").allInnerTexts();
  assert.deepEqual(items.map((item) => item.split("\n")[0]), [...ours, "Copy text", "Copy message id"]);
  const sent = page.waitForRequest((request) => request.url().endsWith("/interactions"));
  await menu.getByRole("menuitem", { name: "Look at this" }).click();
  const { data } = (await sent).postDataJSON();
  assert.deepEqual([data.type, data.name, data.target_id], [3, "Look at this", id]);
  await page.getByText("look at this").first().waitFor();
  await page.close();
}));

test("what a colleague wrote is added to the timeline from the message's menu", browser.witness(async () => {
  await sandbox.rest("POST", `/channels/${CHANNELS.incidents}/messages`, { content: "it began with the deployment" }, "lead");
  const page = await open(context, sandbox, "responder");
  await message(page, "it began with the deployment").hover();
  await message(page, "it began with the deployment").getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Add to timeline" }).click();
  await page.getByText("Only you can see this").waitFor();
  await shot(page, "menu-added");
  await page.getByRole("navigation").getByText("INC-1").click();
  await message(page, "it began with the deployment").waitFor();
  await page.close();
}));

test("faults of Discord are felt by the bot and not by people, and are switched off again", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  await page.getByRole("tab", { name: "Discord" }).click();
  await page.getByText("Muster is connected").waitFor();
  await page.getByRole("switch", { name: "Down" }).check();
  await page.getByText("Discord is: down").waitFor();
  await say(page, "still talking");
  await message(page, "still talking").waitFor();
  await shot(page, "panel-discord-down");
  await page.getByRole("switch", { name: "Down" }).uncheck();
  await page.getByText("Discord is: down").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Forget its session" }).click();
  // Until it has identified anew, Muster hears nothing, and the person is told so: they ask again.
  const answer = message(page, "used /incident list").getByText("INC-1");
  const silence = page.locator(".pending.failed");
  await until(async () => {
    await say(page, "/incident list");
    await answer.or(silence).first().waitFor();
    if (await answer.isVisible()) return true;
    await silence.getByRole("button", { name: "Dismiss" }).click();
    return false;
  }, "Muster hears again");
  await page.close();
}));

test("the clock moves on: a refusal by silence comes at once, and the journal says why", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  await say(page, "/rollback soundlab");
  await message(page, "Roll Soundlab back").getByText("Waits for approval").waitFor();
  await page.getByRole("tab", { name: "Clock" }).click();
  await page.getByRole("button", { name: "+15 min" }).click();
  await page.getByText("15 min ahead of this machine's").waitFor();
  await page.getByRole("tab", { name: "Journal" }).click();
  const commit = page.locator(".commit", { hasText: "because its time had come" }).filter({ hasText: "run ended" });
  await commit.waitFor();
  await commit.locator(".outcome.done").first().waitFor();
  await message(page, "Roll Soundlab back").getByText("Waits for approval").waitFor({ state: "hidden" });
  // Each effect leads to the commit that noted what became of it, and back.
  await commit.locator(".outcome .link").first().click();
  const note = page.locator(".commit.upkeep.pointed");
  await note.getByText("because effect").waitFor();
  await note.getByText("as stored").click();
  await note.getByText('"settled"').waitFor();
  await shot(page, "panel-journal-clock");
  await page.close();
}));

test("after the server was started again the page is back by itself", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  await say(page, "before the restart");
  await message(page, "before the restart").waitFor();
  await sandbox.stop();
  await page.getByText("The sandbox does not answer").waitFor();
  await shot(page, "server-away");
  const { port, data } = sandbox;
  sandbox = await Sandbox.start({ port, data });
  await page.getByText("Connected again.").waitFor();
  // A sandbox's Discord begins anew, the journal goes on.
  await message(page, "before the restart").waitFor({ state: "hidden" });
  await page.getByRole("navigation").getByText("INC-1").waitFor({ state: "hidden" });
  await say(page, "/incident list");
  await message(page, "used /incident list").getByText("Only once").waitFor();
  await page.getByRole("tab", { name: "Journal" }).click();
  await page.locator(".commit", { hasText: "because Muster started" }).first().waitFor();
  browser.quiet(/ERR_CONNECTION_REFUSED|WebSocket connection|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
}));
