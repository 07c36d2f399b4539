// Checks the built site in Chromium: node check-browser.cjs CHROMIUM PROFILE. CHROMIUM is the file .ci/chromium.cjs.
const { createReadStream, existsSync, readFileSync, statSync } = require('node:fs');
const { createServer } = require('node:http');
const { extname, join } = require('node:path');

const [chromium, profile] = process.argv.slice(2);
const { open, withBrowser } = require(chromium);
const DIST = join(__dirname, 'dist');
const BASE = '/projen-delivery/';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2' };

/** Serves the site as GitHub Pages does: `/docs/rollback` is the file `docs/rollback.html`. */
function serve() {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://site').pathname);
    const name = path.startsWith(BASE) ? path.slice(BASE.length) : undefined;
    const file = name === undefined ? undefined : [name, `${name}.html`, join(name, 'index.html')].map((one) => join(DIST, one)).find((one) => existsSync(one) && statSync(one).isFile());
    response.writeHead(file ? 200 : 404, { 'content-type': TYPES[extname(file ?? '')] ?? 'text/plain' });
    if (file) createReadStream(file).pipe(response);
    else response.end('not found');
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** An expression that the page fulfils in time: it is looked at again and again until then. */
const eventually = (expression) => `new Promise((done, failed) => {
  const until = Date.now() + 50000;
  const look = () => { if (${expression}) done(true); else if (Date.now() > until) failed(new Error(${JSON.stringify(`not in time: ${expression}`)})); else setTimeout(look, 100); };
  look();
})`;

async function main() {
  const { built, releases } = JSON.parse(readFileSync(join(__dirname, 'pages/versions.json'), 'utf8'));
  const server = await serve();
  const site = `http://127.0.0.1:${server.address().port}${BASE}`;
  await withBrowser(profile, async (browser) => {
    const describes = (what) => `document.querySelector(".version")?.textContent.startsWith(${JSON.stringify(`This page describes ${what}.`)})`;
    const whole = 'document.images.length > 0 && [...document.images].every(({ naturalWidth }) => naturalWidth > 0)';
    const pages = [
      ['', [describes(built), 'document.querySelector("h1") !== null', 'document.querySelector("img[alt^=\\"The summary of a run\\"]")?.naturalWidth > 0']],
      ['gallery', ['[...document.querySelectorAll("h2")].length > 3', 'document.querySelector("details pre") !== null', 'document.querySelector("div.language-ts") !== null']],
      ['docs/rollback', [describes(built), '!document.body.innerText.includes("Only v0.0.1 says this.")', 'document.querySelector("pre.mermaid svg") !== null']],
      ['docs/monitoring', [whole]],
      ['API', ['document.getElementById("projen-delivery.Delivery") !== null']],
      ...releases.map((tag) => [`${tag}/docs/rollback`, ['document.querySelector("h1") !== null', describes(tag), `document.querySelector('.VPSidebar a[href="${BASE}${tag}/docs/alerts"]') !== null`]]),
    ];
    for (const [path, expressions] of pages) {
      const tab = await open(browser, `${site}${path}`, { scheme: 'light', width: 1280 });
      for (const expression of expressions) await tab.evaluate(eventually(expression));
      if (tab.complaints.length > 0) throw new Error(`${path}: ${tab.complaints.join('; ')}`);
      await tab.close();
    }
    const tab = await open(browser, site, { scheme: 'light', width: 1280 });
    for (const tag of ['latest', ...releases]) await tab.evaluate(eventually(`[...document.querySelectorAll('.VPNavBarMenu a, .VPNavBarMenu .VPMenuLink span')].some((one) => one.textContent.trim() === '${tag}')`));
    await tab.evaluate('document.querySelector(".VPNavBarSearch button").click()');
    await tab.evaluate(eventually('document.querySelector(".VPLocalSearchBox input") !== null'));
    await tab.evaluate('(() => { const input = document.querySelector(".VPLocalSearchBox input"); input.value = "dist-tag"; input.dispatchEvent(new Event("input", { bubbles: true })); })()');
    await tab.evaluate(eventually(`document.querySelector('.VPLocalSearchBox .results a[href*="docs/targets/npm"]') !== null`));
  });
  server.close();
  console.log(`site: checked in Chromium: the pictures, a diagram, the gallery, ${releases.length} older versions and the search`);
}

main().catch((error) => {
  console.error(`site: ${error.message}`);
  process.exitCode = 1;
}).finally(() => setTimeout(() => process.exit(), 100));
