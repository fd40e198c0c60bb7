// How it looks and reads: light, dark and at phone width, with axe's rules; every kind of message.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, Browser, button, CHANNELS, message, open, Sandbox, say, shot } from "./support.mjs";

const browser = new Browser();
let sandbox;
before(async () => {
  sandbox = await Sandbox.start();
  await browser.start();
});
after(async () => {
  await browser.end();
  await sandbox?.end();
});

const PIXEL = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGNkaPjPgA0wYRUdtBIAO/8BkADtxfwAAAAASUVORK5CYII="), (letter) => letter.charCodeAt(0));

// One channel with everything in it that a message can have.
async function furnish() {
  await sandbox.rest("POST", `/channels/${CHANNELS.general}/messages`, { content: "# Heading\n**bold** *italic* __under__ ~~struck~~ `code` ||hidden|| <t:1795251600:F> <t:1795251600:R>\n> quoted\n- one\n  - deeper\n- two\n1. first\n2. second\n-# small\n```sh\ncurl -fsS https://soundlab.example/readyz\n```\n<@1100000000000000041> <@&1100000000000000022> <#1100000000000000031> https://example.org/path" }, "lead");
  await sandbox.post(CHANNELS.general, {
    content: "<@1100000000000000040> a mention", embeds: [{ title: "An embed", description: "With **Markdown**", color: 0xe67e22, url: "https://example.org", author: { name: "Somebody" }, footer: { text: "The footer" }, timestamp: "2026-01-01T00:00:00Z", fields: [{ name: "Inline", value: "one", inline: true }, { name: "Inline too", value: "two", inline: true }, { name: "Wide", value: "three" }] }],
    components: [{ type: 1, components: [{ type: 2, style: 1, label: "Primary", custom_id: "a" }, { type: 2, style: 2, label: "Secondary", custom_id: "b" }, { type: 2, style: 3, label: "Success", custom_id: "c" }, { type: 2, style: 4, label: "Danger", custom_id: "d" }, { type: 2, style: 5, label: "Link", url: "https://example.org" }] }],
  });
  await sandbox.post(CHANNELS.general, { content: "Files", attachments: [{ id: 0, description: "A chart of latency" }, { id: 1 }, { id: 2 }] }, [["chart.png", "image/png", PIXEL], ["output.txt", "text/plain", Array.from({ length: 40 }, (_, line) => `line ${line + 1}`).join("\n")], ["dump.bin", "application/octet-stream", new Uint8Array(2048)]]);
}

const LOOKS = [
  ["light", {}],
  ["dark", { colorScheme: "dark" }],
  ["phone", { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ["phone-dark", { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, colorScheme: "dark" }],
];

test("everything that a message can hold, in every look", browser.witness(async (t) => {
  await furnish();
  for (const [look, options] of LOOKS) {
    await t.test(look, browser.witness(async () => {
      const context = await browser.profile(options);
      const page = await open(context, sandbox, "responder", CHANNELS.general);
      const files = message(page, "output.txt");
      await files.getByText("line 3", { exact: false }).first().waitFor();
      assert.equal(await files.getByRole("img", { name: "A chart of latency" }).count(), 1);
      await shot(page, `looks-${look}`);
      await accessible(page, `the messages, ${look}`);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(sideways, 0, "nothing sticks out to the side");
      await page.locator("#scroll").evaluate((node) => { node.scrollTop = 0; });
      await shot(page, `looks-${look}-top`);
      if (look.startsWith("phone")) {
        await page.getByRole("button", { name: "Open the channel list" }).click();
        await shot(page, `looks-${look}-channels`);
        await accessible(page, `the channel list, ${look}`);
        await page.getByRole("button", { name: "Close the channel list" }).click();
        await page.getByRole("button", { name: "Backstage" }).click();
      }
      for (const tab of ["Discord", "Clock", "Journal", "Services"]) {
        await page.getByRole("tab", { name: tab }).click();
        if (tab === "Journal") await page.getByText("Muster started").first().waitFor();
        await shot(page, `looks-${look}-${tab.toLowerCase()}`);
        await accessible(page, `${tab}, ${look}`);
      }
      await context.close();
    }));
  }
}));

test("a form and a broken service, dark and at phone width", browser.witness(async () => {
  const context = await browser.profile({ ...LOOKS[3][1] });
  const page = await open(context, sandbox, "responder");
  await sandbox.switch("/practice/_control/break", { service: "nexus", fault: "down" });
  await say(page, "/incident declare title:Dark and narrow severity:P1");
  await button(page, "Dark and narrow", "Add note").click();
  await page.getByRole("dialog").waitFor();
  await shot(page, "looks-form-phone-dark");
  await accessible(page, "a form at phone width in the dark");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Backstage" }).click();
  await page.getByText("fault switched on").waitFor();
  await accessible(page, "a broken service in the dark");
}));
