// Walks through a live demonstration in Chromium: a candidate's tasks with JavaScript on and off, then every page of
// every role in both languages, both widths and both sizes of text, with axe-core and without sideways scrolling.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";

const modules = createRequire(process.env.MODULES + "/");
const {chromium} = modules("playwright-core");
const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const scanner = readFileSync(modules.resolve("jsqr/dist/jsQR.js"), "utf8");
const address = process.env.ADDRESS;
const pages = process.env.PAGES.split("\n");
const pictures = process.env.PICTURES;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const faults = [];
const fault = (where, what) => faults.push((where + ": " + what).slice(0, 400));

const everySize = [[1280, 0, 1], [1280, 1, 1], [360, 1, 1], [360, 0, 1], [320, 0, 0], [320, 1, 0]];
const someSizes = [[1280, 0, 1], [360, 1, 1], [320, 1, 0]];
/** What was judged: the same screen of another role or phase, but for its time and its token, is judged once. */
const judgedBefore = new Set();

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
    await page.waitForURL(role === "guardian" ? "**/seasons/demo-entry/child" : "**/seasons/demo");
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
  if (filed !== 12 || taps > 20) fault(told, `${taps} taps for ${filed} choices`);
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

// ---- A public draw, drawn again by the service and by the browser.

/** Fills the form of a list with twins and one ticket more than seats, and sends it. */
async function draws(page, list = "ticket,heads\nb,2\na,1\n", seats = "2") {
  await page.goto(address + "/draw");
  await page.fill("#list", list);
  await page.fill("#parts", "03 11 24 29\noffice");
  await page.fill("#seats", seats);
  await page.click("#draw button");
  await page.waitForSelector("#drawn, #answer .errors");
}

for (const javaScriptEnabled of [false, true]) {
  const page = await as(null, {javaScriptEnabled, bypassCSP: javaScriptEnabled});
  const told = `a draw ${javaScriptEnabled ? "with" : "without"} JavaScript`;
  await draws(page);
  const order = await page.locator("#drawn tbody tr").allTextContents();
  console.log(`${told}: ${order.join(" | ")}`);
  if (order.length !== 2 || !order[0].includes("7188262050997671032")) fault(told, order.join());
  if (!javaScriptEnabled) {
    if (await page.locator("#own").isVisible()) fault(told, "shows an order of the browser's own");
    await page.context().close();
    continue;
  }
  await page.waitForSelector("#verdict.good");
  await judged(page, told, pictures && pictures + "/draw");
  // The service shows another order than it drew.
  await page.route("**/draw", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/data-print="[0-9a-f]/, 'data-print="x');
    await route.fulfill({response: answer, body});
  });
  await draws(page);
  await page.waitForSelector("#verdict.warning");
  const different = await page.textContent("#verdict");
  if (different !== (await page.getAttribute("#own", "data-different"))) fault(told, "a changed order: " + different);
  await page.unroute("**/draw");
  await draws(page, "ticket\na b\n", "x");
  if ((await page.locator("#answer .errors li").count()) !== 2) fault(told, "does not tell both faults");
  if (!(await page.textContent("#verdict")).endsWith(" 2")) fault(told, "does not name the row");
  await judged(page, told + ", refused");
  await page.context().close();
}

// ---- A junior high while lists are filed.

/** How many sheets of A4 a page is printed on. */
async function papers(page) {
  const printed = (await page.pdf({preferCSSPageSize: true})).toString("latin1");
  for (const [, width, height] of printed.matchAll(/\/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)/g)) {
    if (Math.abs(width - 595.28) > 1 || Math.abs(height - 841.89) > 1) fault(page.url(), `${width} x ${height} is no A4`);
  }
  return (printed.match(/\/Type\s*\/Page\b(?!s)/g) || []).length;
}

const own_sheet = await as("candidate");
await own_sheet.goto(address + "/seasons/demo/forms/1/print");
if ((await papers(own_sheet)) !== 1) fault("a family's own sheet", "is not one page");
await own_sheet.context().close();

{
  const page = await as("junior_high", {javaScriptEnabled: false});
  const where = "a junior high";
  const anew = async () => {
    await page.goto(address + "/seasons/demo");
    await page.click(".tasks a[href$='/candidates']");
    await page.click("tbody a >> nth=1");
    await page.click("a.button[href$='/access']");
    await page.fill("#reason", "came in person, identity checked");
    await page.click("main form button");
  };
  await anew();
  await page.waitForSelector(".errors a[href='#reason']");
  await page.goto(address + "/seasons/demo/slips");
  await page.click("button[value=codes]");
  await page.waitForSelector(".slip .told");
  const slips = await page.locator(".slip").count();
  const code = await page.textContent(".slip >> nth=0 >> .told");
  console.log(`${where}: ${slips} slips on ${await papers(page)} pages`);
  await judgedCopy(page, where + ", slips", pictures && pictures + "/slips");
  await anew();
  await page.waitForSelector(".slip .told");
  if ((await page.locator(".slip").count()) !== 1) fault(where, "new access is not one slip");
  if ((await page.textContent(".told")) === code) fault(where, "a new code is an old one");
  await page.goto(address + "/seasons/demo/slips");
  await page.click("button[value=cards]");
  await page.waitForSelector(".slip .card");
  await judgedCopy(page, where + ", cards", pictures && pictures + "/cards");
  await page.goto(address + "/seasons/demo/confirmation-forms");
  await page.click(".tasks a");
  await page.waitForSelector(".warning[role=alert]");
  if (await page.locator(".sheet").count()) fault(where, "sees lists before their time is over");
  await page.context().close();
}

/** Prints a class, reads every code on the paper, and records some. */
async function signs() {
  const page = await as("junior_high", {bypassCSP: true});
  const where = "a junior high after the end";
  await page.goto(address + "/seasons/demo/confirmation-forms");
  await page.click(".tasks a");
  await page.waitForSelector(".sheet");
  const path = page.url().slice(address.length);
  await looked(page, path, where, pictures && pictures + "/sheets");
  const sheets = await page.locator(".sheet").count();
  const pages = await papers(page);
  await page.evaluate(scanner);
  const read = await page.evaluate(async () => {
    const found = [];
    for (const list of document.querySelectorAll(".sheet-list")) {
      const drawing = new Image();
      drawing.src = "data:image/svg+xml," + encodeURIComponent(list.querySelector("svg").outerHTML);
      await drawing.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [drawing.width, drawing.height];
      const pen = canvas.getContext("2d");
      pen.drawImage(drawing, 0, 0);
      const {data, width, height} = pen.getImageData(0, 0, canvas.width, canvas.height);
      const code = jsQR(data, width, height);
      found.push([code && code.data, list.querySelector(".code").textContent, list.querySelector("h3").textContent]);
    }
    return found;
  });
  const right = read.filter(([code, hash, head]) => {
    const parts = (code || "").split(" ");
    return parts[0] === "ZSFORM1" && parts[4] === hash && head.includes(parts[3]);
  });
  console.log(`${where}: ${sheets} sheets on ${pages} pages, ${right.length} of ${read.length} codes read`);
  if (sheets !== 50 || pages !== 50) fault(where, `${sheets} sheets on ${pages} pages`);
  if (right.length !== read.length) fault(where, "a code is not read, or says something else");
  await page.goto(address + "/seasons/demo/confirmations");
  const scan = async (code, answer) => {
    await page.fill("#code", code);
    await page.press("#code", "Enter");
    await page.waitForSelector(answer);
  };
  const [code] = read[0];
  await scan(code.slice(0, -1) + (code.endsWith("0") ? "1" : "0"), ".errors a[href='#code']");
  if (pictures) await page.screenshot({path: pictures + "/mismatch.png"});
  await scan("something else", ".errors a[href='#code']");
  await scan(code, "main .taken");
  await page.goto(address + "/seasons/demo/form-status");
  if ((await page.textContent("tfoot td:last-child >> nth=0")) !== "1") fault(where, "a signed sheet is not counted");
  await page.click("tbody a");
  await page.waitForSelector(".state-confirmed");
  await looked(page, page.url().slice(address.length), where, pictures && pictures + "/class");
  // What belongs to one pupil.
  await page.goto(address + "/seasons/demo/candidates");
  await page.click("tbody a >> nth=1");
  await judged(page, where + ", a pupil", pictures && pictures + "/pupil");
  await page.click("a.button[href$='/access']");
  await judged(page, where + ", a pupil's access", pictures && pictures + "/access");
  await page.context().close();
  return path.split("?")[0];
}

/** A senior high takes over those admitted to it, and reports who came. */
async function enrols() {
  const page = await as("senior_high", {javaScriptEnabled: false});
  const where = "a senior high";
  await page.goto(address + "/seasons/demo/admitted");
  const admitted = await page.locator("tbody tr").count();
  if (!admitted) fault(where, "has nobody admitted");
  for (const link of await page.locator("a[href^='/api/v1/']").all()) {
    const answer = await page.request.get(address + (await link.getAttribute("href")));
    if (answer.status() !== 200) fault(where, `${answer.url()}: ${answer.status()}`);
  }
  await page.selectOption("#seat", "quota");
  await page.click("main form button");
  const quota = await page.locator("tbody tr").count();
  await page.goto(address + "/seasons/demo/enrolments");
  await page.check("input[name=came] >> nth=0");
  await page.click("main form button");
  await page.waitForSelector(".errors a[href='#sure']");
  await page.check("#sure");
  await page.click("main form button");
  await page.waitForSelector("main .taken");
  const came = await page.locator("input[name=came]:checked").count();
  console.log(`${where}: ${admitted} rows, ${quota} by quota, ${came} came`);
  if (came !== 1) fault(where, `${came} came instead of 1`);
  await page.context().close();
}

// ---- Every page.

const own = ["candidate", "junior_high", "senior_high", "county_bureau", "municipal_centre", "supervisor", "guardian"];
// Screens of an entry to compulsory schools are those of the other season.
const entry = new RegExp(
  "/(child|child/result|children|desks|desks/\\{desk\\}/\\{subject\\}|draws|entry-sheets|evidence-comparisons|prohibitions|witness-sheet|" +
    "zone-board|zones|children/\\{exam_no\\})$",
);
const seasonOf = (path) => (entry.test(path) ? "demo-entry" : "demo");
const gets = pages
  .filter((page) => page.startsWith("get ") && !page.includes("/assets/") && !page.endsWith("/display"))
  // What belongs to one pupil is reached by links.
  .filter((page) => !/\{(?!season|batch)/.test(page))
  .map((page) => page.slice(4).replace("{season}", seasonOf(page)).replace("{batch}", "1"));

/** Looks at one page in every width and size of text; the size is a class, so one load shows all. */
async function looked(page, path, where, picture, sizes = everySize) {
  const answer = await page.goto(address + path);
  // What is another role's is refused or leads elsewhere, and was looked at there.
  if (answer.status() !== 200 || new URL(page.url()).pathname !== path.split("?")[0]) return 0;
  const policy = answer.headers()["content-security-policy"] || "";
  if (!policy.includes("default-src 'none'") || policy.includes("unsafe")) fault(where, "content policy: " + policy);
  await judged(page, where, picture, sizes);
  return 1;
}

/** Judges what a page shows, in every width and size of text. */
async function judged(page, where, picture, sizes = everySize) {
  const screen = await page.evaluate(() => {
    const main = document.documentElement.cloneNode(true);
    main.querySelectorAll(".season, .who, [name=csrf], [name=once]").forEach((one) => one.remove());
    return main.lang + main.querySelector("main").innerHTML.replace(/[0-9]/g, "");
  });
  const known = judgedBefore.has(screen);
  judgedBefore.add(screen);
  await page.evaluate(axe);
  // 320 px at 200 % has the room of 160 px at 100 %, but for the text, which is half as large again at most.
  for (const [width, large, judged] of sizes) {
    await page.setViewportSize({width, height: 740});
    await page.evaluate((large) => document.documentElement.classList.toggle("large", large === 1), large);
    const shown = `${where} ${width}${large ? " large" : ""}`;
    const {wide, seen} = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      seen: document.documentElement.clientWidth,
    }));
    if (wide > seen) fault(shown, `scrolls sideways: ${wide} in ${seen}`);
    if (!judged || known) continue;
    const found = await page.evaluate(async () => {
      const {violations} = await window.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
      return violations.map((one) => `${one.id} at ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
    });
    found.forEach((one) => fault(shown, one));
    if (picture && !large) await page.screenshot({path: `${picture}-${width}.png`, fullPage: true});
  }
}

/** Judges what a page without JavaScript shows that can be asked for only once: its copy, where scripts run. */
async function judgedCopy(page, where, picture) {
  const context = await browser.newContext({bypassCSP: true});
  const copy = await context.newPage();
  const body = await page.content();
  await copy.route(page.url(), (route) => route.fulfill({body, contentType: "text/html; charset=utf-8"}));
  await copy.goto(page.url());
  await judged(copy, where, picture);
  await context.close();
}

/** Every page of every role, in both languages at a time. */
async function round(phase) {
  const reached = new Set();
  const inLanguage = async (language) => {
    for (const role of [null, ...own]) {
      const page = await as(role, {bypassCSP: true});
      await page.goto(`${address}/display?lang=${language}&back=/`);
      for (const path of gets) {
        const where = `${phase} ${role || "nobody"} ${language} ${path}`;
        const picture = pictures && language === "zh" && `${pictures}/${phase}-${role || "nobody"}${path.replaceAll("/", "_")}`;
        // Every size once in each language; what another role sees of the same page differs in a part of it.
        const sizes = reached.has(language + path) && !picture ? someSizes : everySize;
        if (await looked(page, path, where, picture, sizes)) reached.add(path).add(language + path);
      }
      await page.context().close();
    }
  };
  await Promise.all(["zh", "en"].map(inLanguage));
  return reached;
}

// ---- No form is taken that another site sends, or that holds another session's token.

{
  const [page, other] = [await as("municipal_centre"), await as("supervisor")];
  const [token, strange] = await Promise.all([page, other].map((one) => one.getAttribute("input[name=csrf]", "value")));
  const posts = pages.filter((one) => one.startsWith("post ")).map((one) => one.slice(5));
  for (const form of posts) {
    const path = form.replace("{season}", seasonOf(form)).replace("{batch}", "1").replace(/\{[a-z_]+\}/, "1");
    const kind = /\/(imports|entry-sheets|desks\/\{desk\}\/\{subject\})$/.test(form) ? "multipart" : "form";
    const tries = [[{csrf: token}, {"sec-fetch-site": "cross-site"}], [{csrf: token}, {"sec-fetch-site": "same-site"}]];
    // Nobody is logged in yet where these are sent.
    if (!["/draw", "/log-in", "/demonstration/role", "/demonstration/clock"].includes(path)) tries.push([{}, {}], [{csrf: strange}, {}]);
    for (const [fields, headers] of tries) {
      const sent = {...fields, other: "1"};
      const answer = await page.request.post(address + path, {[kind]: sent, headers, maxRedirects: 0});
      if (answer.status() !== 403) fault(path, `${JSON.stringify(headers)} ${Object.keys(sent)}: ${answer.status()}`);
    }
  }
  console.log(`${posts.length} forms are taken from nobody else's page`);
  const cookies = await page.context().cookies();
  for (const one of cookies.filter((one) => one.name !== "large" && one.name !== "lang")) {
    if (!one.httpOnly || !one.secure || one.sameSite === "None") fault("cookie", JSON.stringify({...one, value: ""}));
  }
  if (!cookies.length) fault("cookies", "there are none");
  await page.context().close();
  await other.context().close();
}

// ---- The centre's tasks while lists are filed.

for (const javaScriptEnabled of [false, true]) {
  const page = await as("municipal_centre", {javaScriptEnabled, bypassCSP: true});
  const told = `the centre ${javaScriptEnabled ? "with" : "without"} JavaScript`;
  await page.goto(address + "/seasons/demo/runs");
  if (javaScriptEnabled) {
    await page.click("details:has(#policy) summary");
    await page.fill("#policy", (await page.inputValue("#policy")).replace('precedence = "quota_first"', 'precedence = "open_first"'));
    await page.click("button[value=other]");
  } else {
    await page.click("button[value=trial]");
  }
  // Reloaded by the page itself until it is done.
  await page.waitForSelector("main .state-done, main .state-refused");
  const counts = await page.locator("main table tbody tr").count();
  console.log(`${told}: a run of ${counts} rows`);
  if (counts < (javaScriptEnabled ? 7 : 3)) fault(told, `a run of ${counts} rows`);
  if (!javaScriptEnabled) {
    await page.context().close();
    continue;
  }
  await looked(page, new URL(page.url()).pathname, told + " run", pictures && `${pictures}/run`);
  await page.goto(address + "/seasons/demo/imports");
  await page.selectOption("#kind", "scores");
  const buffer = Buffer.from("exam_no,math\n000000,12\n");
  await page.setInputFiles("#file", {name: "成绩.csv", mimeType: "text/csv", buffer});
  await page.click("form[enctype] button");
  await page.waitForSelector("main .state-faulty");
  await looked(page, new URL(page.url()).pathname, told + " import", pictures && `${pictures}/import`);
  const book = await page.getAttribute("a[download]", "href");
  const got = await page.evaluate(async (path) => (await fetch(path)).status, book);
  if (got !== 200) fault(told, `the annotated workbook: ${got}`);
  await page.click("button[value=delete]");
  await page.waitForURL("**/imports");
  await page.goto(address + "/seasons/demo/proposals");
  await page.click("details:has(button[value='propose:freeze_lists']) summary");
  await page.fill("#reason-freeze_lists", "before the end");
  await page.click("button[value='propose:freeze_lists']");
  await page.waitForSelector(".errors");
  await page.context().close();
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
  if (stop === "frozen") reached.add(await signs());
}
await enrols();

// ---- Desks after admission: the entry's result came out with the city's.

{
  const page = await as("municipal_centre", {bypassCSP: true});
  const where = "the desks";
  for (const desk of ["register", "classes", "ledger"]) {
    await page.goto(address + "/seasons/demo-entry/desks");
    await page.click(`tbody a[href*='/desks/${desk}/'] >> nth=0`);
    await judged(page, `${where}, ${desk}`, pictures && `${pictures}/desk-${desk}`);
    if (!(await page.locator("#file").count())) fault(where, `${desk} takes no file`);
  }
  const bring = async (name, text, then) => {
    await page.selectOption("#name", name);
    await page.setInputFiles("#file", {name, mimeType: "text/plain", buffer: Buffer.from(text)});
    await page.click("button[value=bring]");
    await page.waitForSelector(then);
  };
  await bring("graduates.csv", "person,primary_code,county\n,XP1,420684\n", ".errors a[href='#file']");
  await judged(page, `${where}, refused`, pictures && `${pictures}/desk-refused`);
  await bring("graduates.csv", "person,primary_code,county\ng1,XP1,420684\n", "main .taken");
  await bring("register.csv", "register_no,person,school_code,status,from\n", "main .taken");
  const days = 'reporting_ends = "2026-09-05"\nreport_days = 10\ninvestigate_days = 20\nwrite_days = 5\n';
  await bring("tracking.toml", days, "main .taken");
  await judged(page, `${where}, the ledger`, pictures && `${pictures}/desk-result`);
  const links = await page.locator("main a[download]").all();
  for (const link of links) {
    const answer = await page.request.get(address + (await link.getAttribute("href")));
    if (answer.status() !== 200) fault(where, `${answer.url()}: ${answer.status()}`);
  }
  console.log(`${where}: ${links.length} files to download`);
  if (links.length !== 8) fault(where, `${links.length} files to download`);
  await page.click("button[value=remove] >> nth=0");
  await page.waitForSelector("main .taken");
  await page.context().close();
}
// ---- What two offices do together once the result is out.

const centre = await as("municipal_centre");
await centre.goto(address + "/seasons/demo/proposals");
await centre.click("details:has(button[value='propose:open_auditor_package']) summary");
await centre.fill("#reason-open_auditor_package", "audit of the season");
await centre.click("button[value='propose:open_auditor_package']");
await centre.waitForSelector("main section .code");
if (await centre.locator("button[value^='sign:']").count()) fault("the centre", "signs what it proposed itself");
await centre.context().close();
const supervisor = await as("supervisor", {bypassCSP: true});
await supervisor.goto(address + "/seasons/demo/proposals");
await looked(supervisor, "/seasons/demo/proposals", "to be signed", pictures && `${pictures}/to-be-signed`);
await supervisor.click("button[value^='sign:']");
await supervisor.waitForSelector(".errors a[href^='#sure-']");
await supervisor.click("input[name=sure]");
await supervisor.click("button[value^='sign:']");
await supervisor.waitForSelector("main a[download]", {state: "attached"});
await supervisor.goto(address + "/seasons/demo/checks");
const held = await supervisor.locator("main .state-done").count();
console.log(`the supervisor: signed, ${held} checks hold`);
if (held !== 5 || (await supervisor.locator("main .state-faulty").count())) fault("checks", `${held} hold`);
await supervisor.goto(address + "/seasons/demo/sample");
await supervisor.fill("#number", "4 2 6 1");
await supervisor.click("main form button");
await supervisor.waitForSelector("main section ol.reasons");
const drawn = await supervisor.locator("main section").count();
if (drawn !== 20) fault("sample", `${drawn} are drawn`);
await looked(supervisor, "/seasons/demo/sample?number=4+2+6+1", "a sample", pictures && `${pictures}/sample`);
await supervisor.context().close();

// ---- The draws of the entry, school by school, and the sheet to sign.

{
  const page = await as("guardian", {javaScriptEnabled: false});
  const where = "the draws";
  await page.goto(address + "/seasons/demo-entry/draws");
  const lists = await page.locator("main .tasks a").count();
  await page.click("main .tasks a >> nth=0");
  let seen = 1;
  let ordered = 0;
  for (; ; seen += 1) {
    await judgedCopy(page, `${where}, list ${seen}`, pictures && `${pictures}/draw-${seen}`);
    ordered += (await page.locator(".drawn li").count()) ? 1 : 0;
    if (!(await page.locator("a[rel=next]").count())) break;
    await page.click("a[rel=next]");
  }
  if (!lists || seen !== lists || !ordered) fault(where, `${seen} of ${lists} lists, ${ordered} with an order`);
  while (!(await page.locator("main form[action='/draw']").count())) await page.click("a[rel=prev]");
  const order = await page.locator(".drawn b").allTextContents();
  await page.click("main form[action='/draw'] button");
  const again = await page.locator("#drawn tbody th").allTextContents();
  console.log(`${where}: ${lists} lists, ${order.length} tickets drawn again`);
  if (order.join() !== again.join()) fault(where, `${again} instead of ${order}`);
  await page.goto(address + "/seasons/demo-entry/witness-sheet");
  if ((await papers(page)) !== 1) fault("the witness sheet", "is not one page");
  await page.context().close();
}

(await round("published")).forEach((path) => reached.add(path));
gets.filter((path) => !reached.has(path)).forEach((path) => fault(path, "was reached by no role"));

// ---- Weight.

const first = await as(null);
const wire = await first.context().newCDPSession(first);
let bytes = 0;
await wire.send("Network.enable");
wire.on("Network.loadingFinished", (answer) => (bytes += answer.encodedDataLength));
for (const path of ["/", "/log-in"]) {
  bytes = 0;
  await wire.send("Network.clearBrowserCache");
  await first.goto(address + path);
  await first.waitForLoadState("networkidle");
  console.log(`first load of ${path}: ${bytes} bytes on the wire`);
  if (!bytes || bytes > 30 * 1024) fault(path, `${bytes} bytes`);
}

await browser.close();
for (const one of [...new Set(faults)].slice(0, 40)) console.error(one);
console.log(`${gets.length} pages, ${new Set(faults).size} faults`);
process.exit(faults.length ? 1 : 0);
