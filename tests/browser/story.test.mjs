// The tour, by typing and clicking: one incident from break to report, asked for in one window and agreed to
// in another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, Browser, button, message, open, Sandbox, say, shot, within } from "./support.mjs";

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

const tour = (page) => page.getByRole("region", { name: "Guided tour" });
const at = (page, number) => tour(page).getByRole("heading", { name: `${number} of 8` }).waitFor();

test("an incident in eight steps, in two windows", browser.witness(async () => {
  const responder = await open(context, sandbox, "responder");
  await at(responder, 1);
  await shot(responder, "story-1-begin");
  await tour(responder).getByRole("button", { name: "Break soundlab" }).click();
  await at(responder, 2);

  await tour(responder).getByRole("button", { name: "Type it for me" }).click();
  await shot(responder, "story-2-typed");
  await responder.keyboard.press("Enter");
  await tour(responder).getByText("Nothing is opened by itself").waitFor();
  await shot(responder, "story-2-triage");
  await button(responder, "Nobody can load a preset", /^Open incident/).click();
  await at(responder, 3);
  await button(responder, "INC-1", "Add note").waitFor();

  await say(responder, "/health soundlab");
  await at(responder, 4);
  await message(responder, "readyz").getByText("503").first().waitFor();
  await shot(responder, "story-3-health");

  await say(responder, "/rollback soundlab");
  await at(responder, 5);
  // The one who asked may not agree.
  await button(responder, "Roll Soundlab back", "Approve").click();
  await message(responder, "Only somebody of role approver").getByText("Only you can see this").waitFor();
  await shot(responder, "story-4-asked");

  const [approver] = await Promise.all([
    context.waitForEvent("page"),
    tour(responder).getByRole("link", { name: "Be the approver in a second window" }).click(),
  ]);
  await at(approver, 5);
  await button(approver, "Roll Soundlab back", "Approve").click();
  await at(responder, 6);
  await at(approver, 6);
  await shot(approver, "story-5-approved");

  await responder.bringToFront();
  await tour(responder).getByText("The run is over").waitFor();
  await say(responder, "/health soundlab");
  await at(responder, 7);
  await shot(responder, "story-6-verified");

  await say(responder, "/incident resolve how:the release before is back");
  await at(responder, 8);
  await tour(responder).getByRole("button", { name: "Type it for me" }).click();
  await responder.keyboard.press("Enter");
  await tour(responder).getByText("Somebody else reads it").waitFor();
  await shot(responder, "story-7-written");
  // The window that is the approver's already.
  await tour(responder).getByRole("link", { name: "Be the approver in a second window" }).click();
  await tour(approver).getByRole("button", { name: "Type it for me" }).click();
  await approver.keyboard.press("Enter");
  await tour(responder).getByText("There it is").waitFor();
  assert.equal(context.pages().length, 2, "no third window was opened");
  await responder.bringToFront();
  await tour(responder).getByRole("button", { name: "Open #incident-reports" }).click();
  await tour(responder).getByRole("heading", { name: "That was an incident" }).waitFor();
  await within(responder, "INC-1", responder.locator(".attachment img")).waitFor();
  await shot(responder, "story-8-report");
  await accessible(responder, "the end of the tour");
}));

test("a step can be skipped, and what really happens is noticed from wherever one is", browser.witness(async () => {
  // With its fault still switched on, the tour would find its first step done.
  await sandbox.switch("/practice/_control/heal", { service: "soundlab", fault: "bad-release" });
  const page = await open(await browser.profile(), sandbox, "responder");
  const skip = tour(page).getByRole("button", { name: "Skip this step" });
  await at(page, 1);
  await skip.click();
  await at(page, 2);
  await say(page, "/health soundlab"); // the step after this one
  await at(page, 4);
  await page.close();
}));

test("the tour can be left and taken up again", browser.witness(async () => {
  const page = await open(await browser.profile(), sandbox, "responder");
  await tour(page).getByRole("button", { name: "Leave the tour" }).click();
  assert.equal(await tour(page).isVisible(), false);
  await page.reload();
  await page.getByRole("button", { name: "Tour" }).click();
  await tour(page).waitFor();
}));
