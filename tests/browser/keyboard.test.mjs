// The keyboard alone: commands with their options, selects, forms, menus of messages, the side panel.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, Browser, CHANNELS, message, open, Sandbox, shot, until } from "./support.mjs";

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

const focused = (page) => page.evaluate(() => {
  const node = document.activeElement;
  return node.getAttribute("aria-label") || node.id || node.textContent.trim();
});
const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

test("a command is chosen, filled in option by option and sent", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  const options = page.locator("#suggest [role=option]");
  await page.keyboard.type("/incident dec");
  await options.first().waitFor();
  await press(page, "Enter");
  const title = page.getByRole("combobox", { name: "title" });
  assert.equal(await focused(page), "option-title");
  // What is needed says so, and Enter names what is missing instead of sending.
  await press(page, "Enter");
  await page.getByRole("alert").getByText("“title” is needed").waitFor();
  await accessible(page, "a command with a mistake");
  await page.keyboard.type("The stream stops");
  await press(page, "Tab");
  assert.equal(await focused(page), "option-severity");
  // Enumerated: a letter narrows, the arrow points, Tab takes and goes on.
  await page.keyboard.type("p");
  await options.first().waitFor();
  await shot(page, "keyboard-choices");
  await accessible(page, "choices of an option");
  await press(page, "ArrowDown", "Tab");
  assert.match(await page.getByRole("combobox", { name: "severity" }).inputValue(), /P2/);
  // Any other option by its name and a colon.
  await page.keyboard.type("service:");
  assert.equal(await focused(page), "option-service");
  await page.keyboard.type("soundl");
  await options.getByText("soundlab").waitFor();
  await press(page, "Tab");
  await until(async () => (await page.getByRole("combobox", { name: "service" }).inputValue()) === "soundlab", "the service is taken");
  // An option that is not wanted goes with a backspace.
  await page.keyboard.type("drill:");
  assert.equal(await focused(page), "option-drill");
  await press(page, "Backspace");
  assert.equal(await page.getByRole("combobox", { name: "drill" }).count(), 0);
  assert.equal(await title.inputValue(), "The stream stops");
  await press(page, "Enter");
  await message(page, "INC-1 · P2 · The stream stops").waitFor();
  await page.close();
}));

test("an empty command goes back to text, and text that is no command says so", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  await page.keyboard.type("/rollback ");
  assert.equal(await focused(page), "option-service");
  await press(page, "Backspace");
  assert.equal(await page.locator("#composer-box").inputValue(), "/rollback");
  await page.locator("#composer-box").fill("/nonsense");
  await press(page, "Enter");
  await page.getByRole("alert").getByText("There is no command /nonsense").waitFor();
  await page.close();
}));

test("from a message to its menu and its form, and back", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  // Past the box is the message list; backwards from the box.
  await until(async () => {
    await press(page, "Shift+Tab");
    return (await focused(page)) === "Messages";
  }, "the messages have the keyboard");
  await press(page, "ArrowUp");
  await until(() => page.evaluate(() => document.activeElement.matches("article")), "a message has the keyboard");
  await press(page, "Enter");
  await page.getByRole("menu", { name: "Message" }).waitFor();
  await shot(page, "keyboard-menu");
  await accessible(page, "a message's menu");
  await press(page, "ArrowDown", "Escape");
  assert.equal(await page.getByRole("menu").count(), 0);
  assert.ok(await page.evaluate(() => document.activeElement.matches("article")), "the message has the keyboard again");
  // Onwards from the message to its first button: a form.
  await until(async () => {
    await press(page, "Tab");
    return (await focused(page)) === "Add note";
  }, "the button has the keyboard");
  await press(page, "Enter");
  await page.getByRole("dialog").waitFor();
  await accessible(page, "an open form");
  await page.keyboard.type("Written without a pointer");
  await shot(page, "keyboard-form");
  await until(async () => {
    await press(page, "Tab");
    return (await focused(page)) === "Submit";
  }, "submit has the keyboard");
  await press(page, "Enter");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.close();
}));

test("selects of every kind are walked with the arrows and send once", browser.witness(async () => {
  const row = (component) => ({ type: 1, components: [component] });
  await sandbox.post(CHANNELS.general, { content: "Choose", components: [
    row({ type: 3, custom_id: "one", placeholder: "One of three", options: ["red", "green", "blue"].map((value) => ({ label: value, value, description: `the colour ${value}` })) }),
    row({ type: 3, custom_id: "many", placeholder: "Up to two", min_values: 1, max_values: 2, options: ["north", "east", "south"].map((value) => ({ label: value, value })) }),
    row({ type: 5, custom_id: "who", placeholder: "Somebody" }),
    row({ type: 6, custom_id: "role", placeholder: "A role" }),
    row({ type: 8, custom_id: "where", placeholder: "A channel" }),
  ] });
  const page = await open(context, sandbox, "responder", CHANNELS.general);
  const sent = [];
  page.on("request", (request) => { if (request.url().endsWith("/interactions")) sent.push(request.postDataJSON().data); });
  const choose = async (label, ...keys) => {
    await page.getByRole("button", { name: label }).focus();
    await press(page, "ArrowDown");
    await page.getByRole("listbox", { name: label }).waitFor();
    for (const key of keys) await (key.length > 1 && /^[a-z]/.test(key) ? page.keyboard.type(key) : press(page, key));
  };
  await choose("One of three", "ArrowDown", "Enter");
  await until(() => sent.length === 1, "the choice is sent");
  assert.deepEqual(sent[0], { component_type: 3, type: 3, custom_id: "one", values: ["green"] });
  await choose("Up to two", "Enter", "ArrowDown", "ArrowDown", "Enter");
  await shot(page, "keyboard-select");
  await accessible(page, "an open select");
  await press(page, "Tab", "Enter");
  await until(() => sent.length === 2, "the choices are sent");
  assert.deepEqual(sent[1].values, ["north", "south"]);
  await choose("Somebody", "approver", "Enter");
  await until(() => sent.length === 3, "the person is sent");
  assert.deepEqual(sent[2], { component_type: 5, type: 5, custom_id: "who", values: ["1100000000000000041"] });
  await choose("A role", "lead", "Enter");
  await choose("A channel", "alerts", "Enter");
  await until(() => sent.length === 5, "role and channel are sent");
  assert.deepEqual(sent.slice(3).map((data) => data.values), [["1100000000000000022"], [CHANNELS.alerts]]);
  await page.close();
}));

test("the side panel's tabs and switches", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  await page.getByRole("tab", { name: "Services" }).focus();
  await press(page, "ArrowRight");
  assert.equal(await focused(page), "tab-discord");
  await until(async () => {
    await press(page, "Tab");
    return (await focused(page)) === "switch-slow";
  }, "the first switch has the keyboard");
  await press(page, "Space");
  await page.getByText("Discord is: slow").waitFor();
  await press(page, "Space");
  await page.getByText("Discord is: slow").waitFor({ state: "hidden" });
  await press(page, "Escape");
  await page.close();
}));
