// Ten thousand messages: they scroll, the newest stays at the end, and what is off the screen is not drawn. What
// it takes is printed, not judged: machines differ.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, CHANNELS, message, open, Sandbox, shot } from "./support.mjs";

const MANY = 10_000;
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

test("the page opens", browser.witness(async (t) => {
  const times = [];
  for (let run = 0; run < 5; run += 1) {
    const page = await context.newPage();
    await page.goto(`${sandbox.url}/#responder`);
    await page.getByText("This is where #incidents begins.").waitFor();
    times.push(await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime));
    await page.close();
  }
  t.diagnostic(`from the address to a channel that can be read, five times: ${times.map((time) => `${time.toFixed(0)} ms`).join(", ")}`);
}));

test("ten thousand messages", { timeout: 300_000 }, browser.witness(async (t) => {
  // Eight people at once: one after the other would take longer than everything else.
  const line = (number) => `Message ${number} of many, with **some** \`code\` and a [link](https://example.org)${number % 7 ? "" : "\n> and a second line\n- and a list"}`;
  let next = 1;
  const talk = async () => {
    while (next < MANY) {
      const number = next;
      next += 1;
      await sandbox.rest("POST", `/channels/${CHANNELS.general}/messages`, { content: line(number) }, next % 3 ? "lead" : "approver");
    }
  };
  await Promise.all(Array.from({ length: 8 }, talk));
  await sandbox.rest("POST", `/channels/${CHANNELS.general}/messages`, { content: line(MANY) }, "lead");
  const page = await open(context, sandbox, "responder", CHANNELS.general);
  // Up to the first, then down through all of it, a screen at each frame; how long each frame took.
  const walk = (by) => page.evaluate((by) => new Promise((done) => {
    const scroll = document.querySelector("#scroll");
    const begin = performance.now();
    const took = [];
    let most = 0;
    let last = begin;
    const step = () => {
      const now = performance.now();
      took.push(now - last);
      last = now;
      most = Math.max(most, document.querySelectorAll("#messages .message").length);
      scroll.scrollTop += by * scroll.clientHeight;
      const there = by < 0 ? /begins/.test(document.querySelector("#older").textContent) && scroll.scrollTop === 0 : /Message 10000 /.test(document.querySelector("#messages").lastElementChild.textContent) && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 2;
      if (there) done({ frames: took.slice(1).sort((a, b) => a - b), seconds: (now - begin) / 1000, most });
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }), by);
  const up = await walk(-1);
  await shot(page, "many-top");
  await page.getByText("Message 1 of many").waitFor();
  const down = await walk(1);
  assert.ok(up.most <= 500 && down.most <= 500, `only a window of them is in the page: ${up.most}, ${down.most}`);
  for (const [way, { frames, seconds }] of [["up, read from the server", up], ["down again", down]]) {
    const part = (share) => `${frames[Math.floor((frames.length - 1) * share)].toFixed(1)} ms`;
    t.diagnostic(`${MANY} messages ${way}: ${seconds.toFixed(1)} s, ${frames.length} screens; a frame takes ${part(0.5)} at the median, ${part(0.95)} at p95, ${part(1)} at worst`);
  }
  // What is new comes to the end, and is seen there.
  const told = performance.now();
  await sandbox.rest("POST", `/channels/${CHANNELS.general}/messages`, { content: "the very last" }, "lead");
  await message(page, "the very last").waitFor();
  t.diagnostic(`a new message below ${MANY} others is there after ${(performance.now() - told).toFixed(0)} ms`);
  assert.ok(await page.evaluate(() => { const scroll = document.querySelector("#scroll"); return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 5; }), "the end is in sight");
  const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0);
  t.diagnostic(`the page's memory: ${(heap / 1e6).toFixed(0)} MB; elements: ${await page.evaluate(() => document.querySelectorAll("*").length)}`);
  await shot(page, "many-end");
}));
