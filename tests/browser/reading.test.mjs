// What a reader trips over: an end that runs away, links that lead outside, marks and times that mean something else
// than they seem to.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, CHANNELS, message, open, Sandbox, shot, until } from "./support.mjs";

const GUILD = "1100000000000000010";
const browser = new Browser();
let sandbox, context;
before(async () => {
  sandbox = await Sandbox.start();
  await browser.start();
  // Where the reader sits is not where the team does.
  context = await browser.profile({ timezoneId: "Asia/Tokyo", locale: "en-GB" });
});
after(async () => {
  await browser.end();
  await sandbox?.end();
});

const below = (page) => page.evaluate(() => { const scroll = document.querySelector("#scroll"); return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight; });
const lines = (count) => Array.from({ length: count }, (_, at) => `line ${at}`).join("\n");

test("who reads at the end stays there while an answer grows, and who reads above stays there", browser.witness(async () => {
  await sandbox.post(CHANNELS.general, { content: lines(60) });
  const page = await open(context, sandbox, "responder", CHANNELS.general);
  // A frame shows the short answer, the long one comes before the browser has told of the scrolling.
  const answer = await sandbox.post(CHANNELS.general, { content: "thinking of it" });
  await message(page, "thinking of it").waitFor();
  await page.evaluate(() => {
    const { scroll, list } = { scroll: document.querySelector("#scroll"), list: document.querySelector("#messages") };
    list.lastElementChild.style.minHeight = "900px";
    scroll.dispatchEvent(new Event("scroll"));
  });
  await until(async () => (await below(page)) < 2, "the end of what grew is in sight");
  await sandbox.rest("PATCH", `/channels/${CHANNELS.general}/messages/${answer.id}`, { content: "healthy after all", embeds: [{ title: "all of it", description: lines(70) }] });
  await message(page, "healthy after all").waitFor();
  await until(async () => (await below(page)) < 2, "the end of the long answer is in sight");
  await shot(page, "reading-end");
  await page.locator("#scroll").hover();
  await page.mouse.wheel(0, -700);
  await until(async () => (await below(page)) > 300, "one has gone up");
  const there = await page.evaluate(() => document.querySelector("#scroll").scrollTop);
  await sandbox.post(CHANNELS.general, { content: "and something new" });
  await page.getByRole("button", { name: "New messages" }).waitFor();
  assert.equal(await page.evaluate(() => document.querySelector("#scroll").scrollTop), there);
  await page.close();
}));

test("a thread says that there is something new, and a link to a message in it leads there", browser.witness(async () => {
  const first = await sandbox.post(CHANNELS.general, { content: "what happened" });
  const thread = await sandbox.rest("POST", `/channels/${CHANNELS.general}/messages/${first.id}/threads`, { name: "the whole story" });
  const page = await open(context, sandbox, "responder", CHANNELS.general);
  const said = await sandbox.post(thread.id, { content: "it was the cable" });
  await page.getByRole("button", { name: /the whole story\s*, 1 unread/ }).waitFor();
  await sandbox.post(CHANNELS.general, { embeds: [{ title: "Timeline", description: `somebody wrote [message](<https://discord.com/channels/${GUILD}/${thread.id}/${said.id}>)` }] });
  await shot(page, "reading-unread");
  await page.getByRole("link", { name: "message", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "the whole story" }).waitFor();
  await until(() => page.evaluate((id) => document.activeElement.closest("[data-id]")?.dataset.id === id, said.id), "the message has the keyboard");
  assert.equal(await page.getByRole("button", { name: /unread/ }).count(), 0);
  assert.equal(context.pages().length, 1, "nothing was opened elsewhere");
  // The window of somebody else opens in the thread too.
  const [other] = await Promise.all([context.waitForEvent("page"), page.getByRole("link", { name: "Be the approver in a second window" }).click()]);
  await other.getByRole("heading", { level: 1, name: "the whole story" }).waitFor();
  await shot(other, "reading-thread");
  await other.close();
  await page.close();
}));

test("a switch is called a switch, and times are the team's and say so", browser.witness(async () => {
  await sandbox.switch("/practice/_control/break", { service: "soundlab", fault: "bad-release" });
  const page = await open(context, sandbox, "responder");
  const card = page.getByRole("region", { name: "soundlab" });
  await card.getByText("fault switched on").waitFor();
  assert.equal(await page.getByText("broken", { exact: true }).count(), 0);
  const at = Date.UTC(2026, 0, 5, 11, 30) / 1000;
  await sandbox.post(CHANNELS.incidents, { content: `lunch is <t:${at}:t>` });
  const time = message(page, "lunch is").locator(".content time");
  await time.waitFor();
  assert.equal(await time.textContent(), "12:30");
  assert.match(await time.getAttribute("title"), /Europe\/Berlin/);
  await page.locator("#older").getByText("Times are those of Europe/Berlin, the team's zone.").waitFor();
  await page.getByRole("tab", { name: "Clock" }).click();
  await page.getByRole("tabpanel").getByText("Times are those of Europe/Berlin, the team's zone.").waitFor();
  await shot(page, "reading-times");
  await page.close();
}));
