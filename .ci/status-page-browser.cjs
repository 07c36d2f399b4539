// Checks <folder>/page/index.html in Chromium.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { open, takePicture, withBrowser } = require('./chromium.cjs');

const [work, keep] = process.argv.slice(2);
const page = pathToFileURL(join(work, 'page/index.html')).href;
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const LOOKS = [
  { scheme: 'light', width: 1000 }, { scheme: 'dark', width: 1000 }, { scheme: 'light', width: 360 }, { scheme: 'dark', width: 360 },
];
/** What of the page is kept for the docs. */
const PICTURE = { file: 'docs/status-page.png', width: 860, height: 1010, maxBytes: 150_000 };
/** What is wrong with how the page looks there. */
async function faultsOf(browser, look) {
  const tab = await open(browser, page, look);
  await tab.evaluate(`${axe}; undefined`);
  const { passes, violations } = await tab.evaluate('axe.run(document).then(({ passes, violations }) => ({ passes: passes.length, violations }))');
  const over = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  const scripts = await tab.evaluate('document.scripts.length');
  const ground = await tab.evaluate('getComputedStyle(document.body).backgroundColor');
  await tab.close();
  const faults = [
    ...violations.map(({ id, help, nodes }) => `axe: ${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' | ')}`),
    ...(passes < 20 ? [`axe looked at ${passes} rules only`] : []),
    ...(over > 0 ? [`it is ${over} pixels wider than the screen`] : []),
    ...(scripts > 0 ? ['there is a script'] : []),
    ...((ground === 'rgb(255, 255, 255)') === (look.scheme === 'light') ? [] : [`the ground is ${ground}`]),
    ...tab.requests.filter((url) => url !== page).map((url) => `it requests ${url}`),
    ...tab.complaints.map((text) => `the browser complains: ${text}`),
  ];
  console.log(`${look.scheme}, ${look.width} px: ${faults.length === 0 ? `well, ${passes} rules of axe` : 'NOT WELL'}`);
  return faults.map((fault) => `${look.scheme}, ${look.width} px: ${fault}`);
}

async function keepPicture(browser) {
  const tab = await open(browser, page, { scheme: 'light', ...PICTURE });
  await takePicture(tab, PICTURE);
  await tab.close();
}

async function main() {
  await withBrowser(join(work, 'profile'), async (browser) => {
    const faults = [];
    for (const look of LOOKS) faults.push(...await faultsOf(browser, look));
    if (keep === '--keep') await keepPicture(browser);
    faults.forEach((fault) => console.error(fault));
    process.exitCode = faults.length === 0 ? 0 : 1;
  });
}

main().catch((error) => {
  console.error(`status-page: ${error.message}`);
  process.exitCode = 1;
});
