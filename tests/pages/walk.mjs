// Walks through a live demonstration in Chromium: a candidate's tasks with JavaScript on and off, then every page of
// every role in both languages, both widths and both sizes of text, with axe-core and without sideways scrolling.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";

const modules = createRequire(process.env.MODULES + "/");
const {chromium} = modules("playwright-core");
const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const address = process.env.ADDRESS;
const pages = process.env.PAGES.split("\n");
const pictures = process.env.PICTURES;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const faults = [];
const fault = (where, what) => faults.push((where + ": " + what).slice(0, 400));

/** A browser of somebody of the demonstration. */
async function as(role, options = {}) {
  const context = await browser.newContext({viewport: {width: 360, height: 740}, locale: "zh-CN", ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  const strangers = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("data:")) strangers.push(request.url());
  });
  page.on("response", (answer) => {
    if (answer.status() >= 500) fault(answer.url(), "status " + answer.status());
  });
  page.on("pageerror", (error) => fault(page.url(), "script: " + error));
  page.on("close", () => strangers.forEach((url) => fault(url, "is no address of ours")));
  if (role) {
    await page.goto(address + "/");
    await page.click(`button[value=${role}]`);
    await page.waitForURL("**/seasons/demo");
  }
  return page;
}

// ---- A candidate's tasks.

/** From an empty list to the receipt; returns how many taps it took and the receipt. */
async function files(page, most) {
  let taps = 0;
  const tap = async (what) => {
    await page.click(what);
    taps += 1;
  };
  await page.goto(address + "/seasons/demo");
  await tap(".tasks a[href*='/forms/']");
  while (await page.locator(".choices.edit li").count()) {
    const before = await page.locator(".choices.edit li").count();
    await page.click(".choices.edit li:last-child button[value^='remove:']");
    await page.waitForFunction((count) => document.querySelectorAll(".choices.edit li").length < count, before);
  }
  for (let number = 1; number <= most; number += 1) {
    if (!(await page.locator("button[value^='add:']").count())) break;
    await tap("button[value^='add:'] >> nth=0");
    await page.waitForFunction((count) => document.querySelectorAll(".choices.edit li").length === count, number);
  }
  const filed = await page.locator(".choices.edit li").count();
  await tap("a.button[href*='/check']");
  await page.waitForSelector("#sure");
  await tap("#sure");
  await tap("main form button");
  await page.waitForSelector(".taken .receipt");
  return {taps, filed, receipt: await page.textContent(".taken .receipt")};
}

for (const javaScriptEnabled of [false, true]) {
  const page = await as("candidate", {javaScriptEnabled});
  const told = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  const {taps, filed, receipt} = await files(page, 12);
  console.log(`${told}: ${filed} choices, ${taps} taps, receipt ${receipt}`);
  if (taps > filed + 8) fault(told, `${taps} taps for ${filed} choices`);
  if (!/^[0-9A-Z-]{10,}$/.test(receipt.trim())) fault(told, `no receipt: ${receipt}`);
  // A change is not submitted, and says so; from the draft it takes at most five taps.
  await page.goto(address + "/seasons/demo/forms/1");
  if (await page.locator(".warning").count()) fault(told, "a submitted list says it is not");
  await page.click(".choices.edit li:nth-child(2) button[value='up:2']");
  await page.waitForSelector("main .warning");
  await page.goto(address + "/seasons/demo");
  if (!(await page.locator(".state-changed").count())) fault(told, "a changed list does not shout");
  let few = 0;
  for (const what of [".tasks a[href*='/forms/1']", "a.button[href*='/check']", "#sure", "main form button"]) {
    await page.click(what);
    few += 1;
  }
  await page.waitForSelector(".taken .receipt");
  console.log(`${told}: from a draft to the receipt in ${few} taps`);
  await page.goto(address + "/seasons/demo/forms/1/check");
  await page.click("main form button");
  await page.waitForSelector(".errors a[href='#sure']");
  await page.goto(address + "/seasons/demo/forms/1?q=zzzz");
  if (await page.locator("button[value^='add:']").count()) fault(told, "a search for nothing finds something");
  await page.context().close();
}

// ---- Every page.

const own = ["candidate", "junior_high", "senior_high", "county_bureau", "municipal_centre", "supervisor"];
const gets = pages
  .filter((page) => page.startsWith("get ") && !page.includes("/assets/") && !page.endsWith("/display"))
  .map((page) => page.slice(4).replace("{season}", "demo").replace("{batch}", "1"));

/** Looks at one page in every width and size of text; the size is a class, so one load shows all. */
async function looked(page, path, where, picture) {
  const answer = await page.goto(address + path);
  // What is another role's is refused or leads elsewhere, and was looked at there.
  if (answer.status() !== 200 || new URL(page.url()).pathname !== path) return 0;
  const policy = answer.headers()["content-security-policy"] || "";
  if (!policy.includes("default-src 'none'") || policy.includes("unsafe")) fault(where, "content policy: " + policy);
  await page.evaluate(axe);
  // 320 px at 200 % has the room of 160 px at 100 %, but for the text, which is half as large again at most.
  for (const [width, large, judged] of [[1280, 0, 1], [1280, 1, 1], [360, 1, 1], [360, 0, 1], [320, 0, 0], [320, 1, 0]]) {
    await page.setViewportSize({width, height: 740});
    await page.evaluate((large) => document.documentElement.classList.toggle("large", large === 1), large);
    const shown = `${where} ${width}${large ? " large" : ""}`;
    const {wide, seen} = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      seen: document.documentElement.clientWidth,
    }));
    if (wide > seen) fault(shown, `scrolls sideways: ${wide} in ${seen}`);
    if (!judged) continue;
    const found = await page.evaluate(async () => {
      const {violations} = await window.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
      return violations.map((one) => `${one.id} at ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
    });
    found.forEach((one) => fault(shown, one));
    if (picture && !large) await page.screenshot({path: `${picture}-${width}.png`, fullPage: true});
  }
  return 1;
}

/** Every page of every role, in both languages. */
async function round(phase) {
  const reached = new Set();
  for (const role of [null, ...own]) {
    for (const language of ["zh", "en"]) {
      const page = await as(role, {bypassCSP: true});
      await page.goto(`${address}/display?lang=${language}&back=/`);
      for (const path of gets) {
        const where = `${phase} ${role || "nobody"} ${language} ${path}`;
        const picture = pictures && language === "zh" && `${pictures}/${phase}-${role || "nobody"}${path.replaceAll("/", "_")}`;
        if (await looked(page, path, where, picture)) reached.add(path);
      }
      await page.context().close();
    }
  }
  return reached;
}

const reached = await round("filling");
const front = await as(null);
for (const stop of ["frozen", "placed", "approved", "published"]) {
  await front.goto(address + "/");
  // Once: a run that ends between a look and a second push would be carried past its stop.
  await front.click("form[action='/demonstration/clock'] button");
  for (let tries = 0; ; tries += 1) {
    await front.goto(address + "/");
    if ((await front.locator(".stops [aria-current]").getAttribute("data-phase")) === stop) break;
    if (tries > 300) throw new Error("the clock does not reach " + stop);
    await front.waitForTimeout(300);
  }
}
(await round("published")).forEach((path) => reached.add(path));
gets.filter((path) => !reached.has(path)).forEach((path) => fault(path, "was reached by no role"));

// ---- Weight.

const first = await as(null);
let bytes = 0;
first.on("response", async (answer) => {
  bytes += (await answer.body()).length;
});
await first.goto(address + "/log-in");
await first.waitForLoadState("networkidle");
console.log(`first load: ${bytes} bytes before compression`);
if (bytes > 30 * 1024) fault("/log-in", `${bytes} bytes`);

await browser.close();
for (const one of [...new Set(faults)].slice(0, 40)) console.error(one);
console.log(`${gets.length} pages, ${new Set(faults).size} faults`);
process.exit(faults.length ? 1 : 0);
