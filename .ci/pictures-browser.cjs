// Renders <folder>/<name>.txt as GitHub or a terminal shows it, and takes a picture of it.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { open, takePicture, withBrowser } = require('./chromium.cjs');

const [work, name, picture] = process.argv.slice(2);
const installed = createRequire(join(work, 'package.json'));
const MAX_BYTES = 200_000;
const FONT = '-apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", sans-serif';

const bottomOf = (element) => `Math.ceil(${element}.getBoundingClientRect().bottom)`;
/** What each picture shows: its width, what is around the text, and where it ends. */
const PICTURES = {
  'run-summary': {
    width: 1060,
    // as GitHub shows it: the job's name above what its steps wrote
    title: 'deploy production summary',
    render: markdown,
    // below the phases: the facts, the diagram and the phases fit on a screen
    end: `${bottomOf('document.querySelectorAll(".markdown-body table")[1]')} + 8`,
    expected: '.mermaid svg',
  },
  'pull-request': {
    width: 940,
    title: '<b>github-actions</b> <small>bot</small> commented',
    render: markdown,
    end: `${bottomOf('document.querySelector(".box")')} + 16`,
    expected: '.markdown-body table',
  },
  'rehearsal': {
    width: 1060,
    title: '$ npx projen delivery rehearse --all',
    render: (text) => `<pre class="terminal">${escaped(text)}</pre>`,
    end: `${bottomOf('document.querySelector(".box")')} + 16`,
    expected: '.terminal',
  },
};

const STYLE = `
body { margin: 0; padding: 16px; background: #f6f8fa; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; background: #fff; overflow: hidden; }
.box > header { padding: 12px 16px; border-bottom: 1px solid #d1d9e0; font: 600 14px ${FONT}; }
.box small { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 6px; font-weight: 500; color: #59636e; }
.box > .markdown-body { padding: 16px 24px 8px; }
.terminal { margin: 0; padding: 12px 16px; font: 11px/1.5 "Noto Sans Mono", "DejaVu Sans Mono", monospace; white-space: pre; color: #1f2328; }
.mermaid { text-align: center; background: #fff; }`;

function markdown(text) {
  const { marked } = installed('marked');
  const html = marked.parse(text, { gfm: true }).replace(/<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g, '<div class="mermaid">$1</div>');
  return `<article class="markdown-body">${html}</article>`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function page({ render, title }) {
  const css = readFileSync(installed.resolve('github-markdown-css/github-markdown-light.css'), 'utf8');
  const mermaid = readFileSync(installed.resolve('mermaid/dist/mermaid.min.js'), 'utf8');
  return `<!doctype html><meta charset="utf-8"><style>${css}${STYLE}</style>
<div class="box"><header>${title}</header>${render(readFileSync(join(work, `${name}.txt`), 'utf8'))}</div>
<script>${mermaid.replaceAll('</script', '<\\/script')}</script><script>mermaid.initialize({ startOnLoad: false, theme: 'default' });</script>`;
}

async function main() {
  const shown = PICTURES[name];
  if (!shown) throw new Error(`there is no picture ${name}. There is: ${Object.keys(PICTURES).join(', ')}`);
  const file = join(work, `${name}.html`);
  writeFileSync(file, page(shown));
  await withBrowser(join(work, `profile-${name}`), async (browser) => {
    const tab = await open(browser, pathToFileURL(file).href, { scheme: 'light', width: shown.width });
    await tab.evaluate('mermaid.run()');
    if (!await tab.evaluate(`document.querySelector(${JSON.stringify(shown.expected)}) !== null`)) throw new Error(`${name} has no ${shown.expected}`);
    const over = await tab.evaluate('document.querySelector(".box").scrollWidth - document.querySelector(".box").clientWidth');
    if (over > 0) throw new Error(`${name} is ${over} pixels wider than the picture`);
    const height = await tab.evaluate(shown.end);
    await takePicture(tab, { file: picture, width: shown.width, height, maxBytes: MAX_BYTES });
  });
}

main().catch((error) => {
  console.error(`pictures: ${error.message}`);
  process.exitCode = 1;
});
