// Looks at <folder>/page/index.html with Chromium, which is driven over its own protocol through two pipes: nothing else is needed.
const { spawn } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const [work, keep] = process.argv.slice(2);
const page = pathToFileURL(join(work, 'page/index.html')).href;
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const LOOKS = [
  { scheme: 'light', width: 1000 }, { scheme: 'dark', width: 1000 }, { scheme: 'light', width: 360 }, { scheme: 'dark', width: 360 },
];
/** What of the page is kept for the docs. */
const PICTURE = { file: 'docs/status-page.png', width: 860, height: 1010, maxBytes: 150_000 };
const TIMEOUT_MS = 60_000;

/** A running Chromium: `send` asks it, `on` hears of what happens. */
function start() {
  const chromium = spawn('chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${join(work, 'profile')}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
  const [, , stderr, input, output] = chromium.stdio;
  let said = '';
  stderr.on('data', (chunk) => { said += chunk; });
  const waiting = new Map();
  const listeners = [];
  let last = 0;
  let rest = '';
  output.on('data', (chunk) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop();
    for (const message of messages.map((text) => JSON.parse(text))) {
      const { resolve, reject } = waiting.get(message.id) ?? {};
      if (message.error) reject(new Error(message.error.message));
      else if (resolve) resolve(message.result);
      else listeners.forEach((hear) => hear(message));
    }
  });
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
  });
  chromium.on('exit', (code) => waiting.forEach(({ reject }) => reject(new Error(`chromium ended (${code}): ${said.slice(-2000)}`))));
  return { send, on: (hear) => listeners.push(hear), end: () => chromium.kill('SIGKILL') };
}

/** A tab that shows the page; `evaluate` gives the value of an expression in it. */
async function open({ send, on }, { scheme, width }, height = 900) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const ask = (method, params) => send(method, params, sessionId);
  const requests = [];
  const complaints = [];
  const loaded = new Promise((resolve) => on((message) => {
    if (message.sessionId !== sessionId) return;
    if (message.method === 'Network.requestWillBeSent') requests.push(message.params.request.url);
    if (message.method === 'Log.entryAdded') complaints.push(message.params.entry.text);
    if (message.method === 'Page.loadEventFired') resolve();
  }));
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await ask(`${domain}.enable`);
  await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 });
  await ask('Page.navigate', { url: page });
  await loaded;
  const evaluate = async (expression) => {
    const { exceptionDetails, result } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return { ask, requests, complaints, evaluate, close: () => send('Target.closeTarget', { targetId }) };
}

/** What is wrong with how the page looks there. */
async function faultsOf(browser, look) {
  const tab = await open(browser, look);
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
    ...tab.requests.filter((url) => url !== page).map((url) => `it asks for ${url}`),
    ...tab.complaints.map((text) => `the browser complains: ${text}`),
  ];
  console.log(`${look.scheme}, ${look.width} px: ${faults.length === 0 ? `well, ${passes} rules of axe` : 'NOT WELL'}`);
  return faults.map((fault) => `${look.scheme}, ${look.width} px: ${fault}`);
}

async function takePicture(browser) {
  const { file, width, height, maxBytes } = PICTURE;
  const tab = await open(browser, { scheme: 'light', width }, height);
  const { data } = await tab.ask('Page.captureScreenshot', { format: 'png', clip: { x: 0, y: 0, width, height, scale: 1 } });
  await tab.close();
  const picture = Buffer.from(data, 'base64');
  if (picture.length > maxBytes) throw new Error(`the picture has ${picture.length} bytes, more than ${maxBytes}`);
  mkdirSync('docs', { recursive: true });
  writeFileSync(file, picture);
  console.log(`${file}: ${picture.length} bytes`);
}

async function main() {
  const browser = start();
  const late = setTimeout(() => {
    console.error('status-page: no answer of the browser within a minute');
    browser.end();
    process.exit(1);
  }, TIMEOUT_MS);
  try {
    const faults = [];
    for (const look of LOOKS) faults.push(...await faultsOf(browser, look));
    if (keep === '--keep') await takePicture(browser);
    faults.forEach((fault) => console.error(fault));
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    clearTimeout(late);
    browser.end();
  }
}

main().catch((error) => {
  console.error(`status-page: ${error.message}`);
  process.exitCode = 1;
});
