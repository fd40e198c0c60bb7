// Text from outside never becomes markup, and nobody outside reaches the page: the usual attacks, through every
// text that is not ours.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { Browser, CHANNELS, message, open, Sandbox, say, shot } from "./support.mjs";

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

const ATTACKS = [
  "<img src=x onerror=pwned()>",
  "<script>pwned()</script>",
  "\"><svg/onload=pwned()>",
  "<iframe srcdoc='<script>parent.pwned()</script>'>",
  "[press](javascript:pwned())",
  "<a href=\"javascript:pwned()\">x</a>",
  "<style>*{display:none}</style>",
  "${pwned()}{{pwned()}}<%= pwned() %>",
  "</textarea></title><body onload=pwned()>",
  "javascript:pwned()//https://example.org",
];

// What would be there if something had been read as markup.
async function unharmed(page, where) {
  const found = await page.evaluate(() => ({
    pwned: globalThis.hit ?? 0,
    foreign: [...document.querySelectorAll("#messages script, #messages iframe, #messages style, #messages svg, #messages img[src='x'], .menu img, .panel script, .tour script, #composer script, #modal script")].map((node) => node.outerHTML),
    handlers: [...document.querySelectorAll("*")].filter((node) => node.getAttributeNames().some((name) => name.startsWith("on"))).map((node) => node.outerHTML.slice(0, 80)),
    links: [...document.querySelectorAll("a")].map((node) => node.protocol).filter((protocol) => !["http:", "https:"].includes(protocol)),
    pictures: [...document.querySelectorAll("img")].map((node) => node.src).filter((src) => !src.startsWith(location.origin)),
  }));
  assert.deepEqual(found, { pwned: 0, foreign: [], handlers: [], links: [], pictures: [] }, where);
}


test("messages, embeds, buttons, selects, file names and descriptions stay text", browser.witness(async () => {
  await context.addInitScript(() => { globalThis.pwned = () => { globalThis.hit = (globalThis.hit ?? 0) + 1; }; });
  for (const attack of ATTACKS) await sandbox.rest("POST", `/channels/${CHANNELS.general}/messages`, { content: attack }, "onlooker");
  // As many in one message as it holds: Discord takes five messages in five seconds.
  for (const some of [ATTACKS.slice(0, 5), ATTACKS.slice(5)]) {
    const files = some.flatMap((attack) => [[`${attack}.txt`, "text/plain", `<script>pwned()</script>${attack}`], [`${attack}.html`, "text/html", "<script>pwned()</script>"]]);
    await sandbox.post(CHANNELS.general, {
      content: some.map((attack) => `\`\`\`${attack}\`\`\` > ${attack} **${attack}** ||${attack}||`).join("\n"),
      embeds: some.map((attack) => ({ title: attack, description: attack, author: { name: attack }, footer: { text: attack }, fields: [{ name: attack, value: attack }], url: "https://example.org/?q=%22%3E%3Cscript%3E", image: { url: "https://example.org/x.png" } })),
      components: some.map((attack, at) => ({ type: 1, components: [at % 2
        ? { type: 2, style: 1, label: attack.slice(0, 80), custom_id: `button ${at}` }
        : { type: 3, custom_id: `select ${at}`, placeholder: attack, options: [{ label: attack, value: "v", description: attack }] }] })),
      attachments: files.map((_, id) => ({ id, description: some[Math.floor(id / 2)] })),
    }, files);
  }
  const page = await open(context, sandbox, "responder", CHANNELS.general);
  await message(page, ATTACKS.at(-1)).waitFor();
  for (const spoiler of await page.locator(".spoiler").all()) await spoiler.click();
  await page.locator(".picker").last().click();
  await unharmed(page, "messages");
  await shot(page, "outside-messages");
  assert.ok(await page.getByText("<img src=x onerror=pwned()>").count() > 0, "it is shown as it was written");
  await page.close();
}));

test("thread names, titles of incidents and forms stay text", browser.witness(async () => {
  const page = await open(context, sandbox, "responder");
  const attack = ATTACKS[0];
  await say(page, `/incident declare title:${attack} severity:P3`);
  const card = message(page, `INC-1 · P3`);
  await card.getByRole("button", { name: "Add note" }).click();
  await page.getByRole("dialog").locator("textarea, input").first().fill(ATTACKS[1]);
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  for (const name of ATTACKS.slice(0, 3)) await sandbox.rest("POST", `/channels/${CHANNELS.general}/threads`, { name, type: 11 }, "onlooker");
  await page.getByRole("navigation").getByText(ATTACKS[2]).waitFor();
  await page.getByRole("navigation").getByText(ATTACKS[0]).last().click();
  await page.getByRole("heading", { level: 1, name: attack }).waitFor();
  await page.getByRole("tab", { name: "Journal" }).click();
  await page.locator(".commit", { hasText: attack }).first().waitFor();
  await page.locator(".commit", { hasText: "note added" }).getByText("as stored").click();
  await unharmed(page, "threads, titles, the journal");
  await page.close();
}));

test("a file that says it is a page runs nothing", browser.witness(async () => {
  const { attachments } = await sandbox.post(CHANNELS.general, { content: "a page" }, [["page.html", "text/html", "<title>mine</title><script>document.title='hit'</script>"]]);
  const response = await fetch(attachments[0].url);
  assert.match(response.headers.get("content-security-policy"), /sandbox/);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const page = await context.newPage();
  const download = page.waitForEvent("download").catch(() => null);
  await page.goto(attachments[0].url).catch(() => null);
  assert.notEqual(await page.title(), "hit");
  await page.close();
  await download;
  browser.complaints = browser.complaints.filter((text) => !/sandboxed|Blocked script/.test(text));
}));

// A request with exactly these headers, as no browser lets a page make it.
const ask = (path, headers, method = "GET", body) => new Promise((done, failed) => {
  const request = http.request({ host: "127.0.0.1", port: sandbox.port, path, method, headers, setHost: false }, (response) => {
    response.resume();
    response.on("end", () => done(response.statusCode));
  });
  request.on("error", failed);
  request.end(body);
});

test("a name that was rebound to this machine and pages of other origins are refused", browser.witness(async () => {
  const own = `127.0.0.1:${sandbox.port}`;
  const places = ["/", "/page/app.js", "/api/v10/users/@me", "/practice/_control", "/sandbox/news", "/gateway"];
  for (const path of places) {
    assert.notEqual(await ask(path, { host: own }), 403, path);
    assert.equal(await ask(path, { host: `rebound.example:${sandbox.port}` }), 403, `${path} by another name`);
    assert.equal(await ask(path, { host: own, origin: "https://other.example" }), 403, `${path} from another origin`);
    assert.equal(await ask(path, { host: own, origin: "null" }), 403, `${path} from nowhere`);
    assert.equal(await ask(path, { host: own, "sec-fetch-site": "cross-site", "sec-fetch-dest": "script" }), 403, `${path} embedded elsewhere`);
    assert.equal(await ask(path, { host: own, "sec-fetch-site": "same-site", "sec-fetch-dest": "empty" }), 403, `${path} from another port`);
  }
  const json = { host: own, "content-type": "text/plain" };
  assert.equal(await ask("/sandbox/clock", json, "POST", '{"by_s":60}'), 415, "a form of another site cannot move the clock");
}));

test("a real page of another origin gets nowhere", browser.witness(async () => {
  const other = http.createServer((request, response) => response.setHeader("content-type", "text/html").end("<h1>elsewhere</h1>"));
  await new Promise((ready) => other.listen(0, "127.0.0.1", ready));
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${other.address().port}/`);
  const reached = await page.evaluate(async (url) => {
    const read = (promise) => promise.then(() => "reached", () => "refused");
    const socket = (path) => new Promise((done) => {
      const one = new WebSocket(url.replace("http", "ws") + path);
      one.onopen = () => done("reached");
      one.onerror = () => done("refused");
    });
    return [
      await read(fetch(`${url}/practice/_control`)),
      await read(fetch(`${url}/sandbox/clock`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"by_s":60}' })),
      await socket("/sandbox/news"),
      await socket("/gateway?v=10&encoding=json"),
    ];
  }, sandbox.url);
  assert.deepEqual(reached, ["refused", "refused", "refused", "refused"]);
  await page.close();
  other.close();
  browser.complaints = [];
}));
