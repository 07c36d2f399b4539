// Checks what readers need of the published site: node smoke.mjs URL. It loads the home page, each page that this links to, the scripts and styles, the pictures,
// and the index of the search. A health check of the site's delivery (projenrc/own-delivery.ts): it ends with 75 while another release responds.
const [given] = process.argv.slice(2);
const site = new URL(given.endsWith('/') ? given : `${given}/`);
const wanted = process.env.DELIVERY_SHA;
const TEMPORARY = 75;
/** At a time. */
const REQUESTS = 8;
const PATIENCE_MS = 20_000;

class Fault extends Error {}

/** The release is in the query, past what a cache has of another one. */
async function load(path) {
  const url = new URL(path, site);
  if (wanted) url.searchParams.set('release', wanted);
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (response.status >= 500) throw new Error(`${url.pathname}: ${response.status}`);
  if (!response.ok) throw new Fault(`${url.pathname}: ${response.status}`);
  return { type: response.headers.get('content-type') ?? '', body: Buffer.from(await response.arrayBuffer()) };
}

async function each(paths, check) {
  const left = [...paths];
  const work = async () => { for (let path = left.shift(); path !== undefined; path = left.shift()) await check(path, await load(path)); };
  await Promise.all(Array.from({ length: REQUESTS }, work));
}

const within = (links) => [...new Set(links)].map((link) => new URL(link, site)).filter(({ href }) => href.startsWith(site.href)).map(({ pathname }) => pathname);
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found.replaceAll('&amp;', '&'));

async function main() {
  const home = (await load('')).body.toString();
  const pages = within(all(home, /<a\b[^>]* href="([^"#]+)"/g));
  if (pages.length < 30) throw new Fault(`the home page links to ${pages.length} pages`);
  await each(pages, (path, { body, type }) => {
    if (!type.startsWith('text/html') || !/<h1[ >]/.test(body.toString())) throw new Fault(`${path} is not a page`);
  });
  const pictures = within(all(home, /<img\b[^>]* src="([^"]+)"/g));
  if (pictures.length === 0) throw new Fault('the home page has no picture');
  await each(pictures, (path, { body, type }) => {
    if (!type.startsWith('image/') || body.length < 100) throw new Fault(`${path} is not a picture`);
  });
  const files = within([...all(home, /<script\b[^>]* src="([^"]+)"/g), ...all(home, /<link\b[^>]* href="([^"]+\.(?:js|css|woff2))"/g)]);
  // a browser loads the search when it is opened, and its index then
  const parts = new Set();
  const find = (path, { body }) => {
    for (const name of all(body.toString(), /\b((?:VPLocalSearchBox|@?localSearchIndex)[\w.-]+\.js)/g)) parts.add(new URL(`assets/chunks/${name.replace(/^(?=localSearch)/, '@')}`, site).pathname);
  };
  await each(files, find);
  const box = [...parts];
  await each(box, find);
  const indexes = [...parts].filter((path) => path.includes('@localSearchIndex'));
  if (indexes.length === 0) throw new Fault('no script of the home page leads to the index of the search');
  await each(indexes, (path, { body }) => {
    if (!body.toString().includes('docs/targets/npm')) throw new Fault(`${path} does not find docs/targets/npm`);
  });
  console.log(`site: ${pages.length} pages, ${files.length} scripts, styles and fonts, ${pictures.length} pictures, and the search`);
}

async function release() {
  if (!wanted) return;
  const { sha } = JSON.parse((await load('delivery-release.json')).body.toString());
  if (sha !== wanted) throw new Error(`the site is of ${sha}`);
}

try {
  await release().catch((error) => { throw new Error(error.message); });
  await main();
} catch (error) {
  console.log(`site: ${error.message}`);
  process.exitCode = error instanceof Fault ? 1 : TEMPORARY;
}
