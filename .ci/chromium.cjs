// Drives Chromium over its own protocol through two pipes: nothing else is needed.
const { spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');

const TIMEOUT_MS = 60_000;

/** Starts Chromium with a profile of its own: `send` calls a method of its protocol, `on` gets its events. */
function start(profile) {
  const chromium = spawn('chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
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
      else listeners.forEach((onMessage) => onMessage(message));
    }
  });
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject });
    input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
  });
  chromium.on('exit', (code) => waiting.forEach(({ reject }) => reject(new Error(`chromium ended (${code}): ${said.slice(-2000)}`))));
  return { send, on: (onMessage) => listeners.push(onMessage), end: () => chromium.kill('SIGKILL') };
}

/** Opens the page in a tab; `evaluate` returns the value of an expression in it. */
async function open({ send, on }, page, { scheme, width, height = 900, scale = 1 }) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const command = (method, params) => send(method, params, sessionId);
  const requests = [];
  const complaints = [];
  const loaded = new Promise((resolve) => on((message) => {
    if (message.sessionId !== sessionId) return;
    if (message.method === 'Network.requestWillBeSent') requests.push(message.params.request.url);
    if (message.method === 'Log.entryAdded') complaints.push(message.params.entry.text);
    if (message.method === 'Page.loadEventFired') resolve();
  }));
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await command(`${domain}.enable`);
  await command('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  await command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: width < 500 });
  await command('Page.navigate', { url: page });
  await loaded;
  const evaluate = async (expression) => {
    const { exceptionDetails, result } = await command('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return { command, requests, complaints, evaluate, close: () => send('Target.closeTarget', { targetId }) };
}

/** Writes what the tab shows to a PNG file of at most `maxBytes`. */
async function takePicture({ command }, { file, width, height, maxBytes }) {
  const { data } = await command('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 1 } });
  const picture = Buffer.from(data, 'base64');
  if (picture.length > maxBytes) throw new Error(`the picture has ${picture.length} bytes, more than ${maxBytes}`);
  writeFileSync(file, picture);
  console.log(`${file}: ${picture.length} bytes`);
}

/** Runs `work` with a browser, and ends the browser, also when it does not respond for a minute. */
async function withBrowser(profile, work) {
  const browser = start(profile);
  const late = setTimeout(() => {
    console.error('chromium: no response within a minute');
    browser.end();
    process.exit(1);
  }, TIMEOUT_MS);
  // the whole work may last longer, on a busy machine
  const send = (...call) => {
    late.refresh();
    return browser.send(...call);
  };
  try {
    return await work({ ...browser, send });
  } finally {
    clearTimeout(late);
    browser.end();
  }
}

module.exports = { open, takePicture, withBrowser };
