// What the browser's tests share: a sandbox as a person starts it, a real Chromium, people in windows of their
// own, and the eyes: the console, axe, screenshots.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
// tests/run installs them there: nothing of theirs belongs to the project.
const installed = createRequire(join(root, "target/browser/package.json"));
const { chromium } = installed("playwright-core");
const axeSource = installed.resolve("axe-core/axe.min.js");

export const SHOTS = process.env.MUSTER_SHOTS ?? join(root, "target/tmp/screenshots");
mkdirSync(SHOTS, { recursive: true });

const BOT = "Bot sandbox.bot.token";
const PATIENCE = 20_000; // for what must happen; nothing waits that long when it does
export const CHANNELS = { incidents: "1100000000000000030", alerts: "1100000000000000031", reports: "1100000000000000032", general: "1100000000000000033" };

// `muster sandbox` on a port of its own; with `port` and `data` the same once more.
export class Sandbox {
  static async start({ port = 0, data } = {}) {
    const sandbox = new Sandbox();
    sandbox.data = data ?? mkdtempSync(join(tmpdir(), "muster-browser-"));
    const program = process.env.MUSTER_BIN ?? join(root, "target/debug/muster");
    sandbox.process = spawn(program, ["sandbox", "--port", String(port), "--data", sandbox.data], { stdio: ["ignore", "pipe", "pipe"] });
    sandbox.ended = new Promise((done) => sandbox.process.once("exit", done));
    let said = "";
    sandbox.process.stderr.on("data", (chunk) => { said += chunk; });
    sandbox.url = await new Promise((found, failed) => {
      sandbox.process.stdout.on("data", (chunk) => {
        said += chunk;
        const match = /sandbox is at (http:\S+)/.exec(said);
        if (match) found(match[1]);
      });
      sandbox.process.once("exit", (code) => failed(new Error(`muster sandbox ended with ${code}:\n${said}`)));
    });
    sandbox.port = Number(new URL(sandbox.url).port);
    return sandbox;
  }

  // Ends the program; its data stays, for the next one.
  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
  }

  async end() {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  // One request as Discord's REST takes it, by the bot or by a person.
  async rest(method, path, body, by = BOT) {
    const form = body instanceof FormData;
    const headers = { authorization: by.includes(" ") ? by : `sandbox.user.${by}`, ...(body && !form && { "content-type": "application/json" }) };
    const response = await fetch(`${this.url}/api/v10${path}`, { method, headers, body: form ? body : body && JSON.stringify(body) });
    const answer = response.status === 204 ? null : await response.json();
    if (response.status === 429) {
      await new Promise((next) => setTimeout(next, 1000 * answer.retry_after));
      return this.rest(method, path, body, by);
    }
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  // A message of the bot's, with files as [name, type, bytes].
  post(channel, message, files = []) {
    if (!files.length) return this.rest("POST", `/channels/${channel}/messages`, message);
    const form = new FormData();
    form.set("payload_json", JSON.stringify(message));
    files.forEach(([name, type, bytes], index) => form.set(`files[${index}]`, new Blob([bytes], { type }), name));
    return this.rest("POST", `/channels/${channel}/messages`, form);
  }

  async switch(path, body) {
    const response = await fetch(`${this.url}${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`);
  }
}

export class Browser {
  complaints = [];

  async start() {
    // As root, as on CI, Chromium's own sandbox does not start; every page here is ours.
    this.chromium = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  }

  end() {
    return this.chromium.close();
  }

  // Runs a test's body; where it fails, every open window is kept as a picture.
  witness(body) {
    return async (context) => {
      try {
        await body(context);
        this.quiet();
      } catch (error) {
        const pages = this.chromium.contexts().flatMap((one) => one.pages());
        await Promise.all(pages.map((page, index) => shot(page, `failed-${context.name.replace(/\W+/g, "-")}-${index}`).catch(() => null)));
        throw error;
      }
    };
  }

  // A browser of somebody's: windows in one know each other.
  async profile(options = {}) {
    const context = await this.chromium.newContext({ viewport: { width: 1360, height: 900 }, reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(PATIENCE);
    context.on("page", (page) => {
      page.on("console", (message) => { if (["error", "warning"].includes(message.type())) this.complaints.push(message.text()); });
      page.on("pageerror", (error) => this.complaints.push(error.stack));
      page.on("request", (request) => { if (!/^(http|ws):\/\/(127\.0\.0\.1|localhost)[:/]|^data:|^about:|^blob:/.test(request.url())) this.complaints.push(`a request to ${request.url()}`); });
    });
    return context;
  }

  // Nobody complained so far; what is expected may be named.
  quiet(...expected) {
    const heard = this.complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
    this.complaints = [];
    assert.deepEqual(heard, []);
  }
}

// A window of that person's, ready to be typed in.
export async function open(context, sandbox, person, channel = "") {
  const page = await context.newPage();
  await page.goto(`${sandbox.url}/#${person}${channel && `/${channel}`}`);
  await page.getByRole("heading", { level: 1, name: /^#/ }).waitFor();
  await page.locator("#scroll:not([aria-busy])").waitFor();
  await commandsKnown(page);
  return page;
}

// The commands have come when the slash offers some.
async function commandsKnown(page) {
  const box = page.locator("#composer-box");
  await box.fill("/");
  await page.locator("#suggest [role=option]").first().waitFor();
  await box.fill("");
}

// Types a line as a person does, and sends it.
export async function say(page, text) {
  await page.locator("#composer-box").click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

export const message = (page, text) => page.locator("#messages .message", { hasText: text }).last();

// A part of the last message with this text that has such a part: answers come before a card or after it.
export const within = (page, text, part) => page.locator("#messages .message", { hasText: text }).filter({ has: part }).last().locator(part);
export const button = (page, text, name) => within(page, text, page.getByRole("button", { name }));

export async function shot(page, name) {
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

// No violation of axe's rules, best practices included.
export async function accessible(page, where) {
  // Not as a script element: the page's own policy forbids that.
  await page.evaluate(await sourceOf(axeSource));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join("\n  ")}`);
  assert.equal(told.join("\n"), "", `${where} is not accessible`);
}

async function sourceOf(path) {
  const { readFile } = await import("node:fs/promises");
  return `(() => { ${await readFile(path, "utf8")} })()`;
}

// Asks until the answer is what is wanted; the caller's own words say what was missing.
export async function until(ask, what, patience = PATIENCE) {
  const limit = performance.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > limit) throw new Error(`waited in vain until ${what}`);
    await new Promise((next) => setImmediate(next));
  }
}
