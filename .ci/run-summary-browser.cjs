// Renders <folder>/summary.md as GitHub renders a job's summary, and takes a picture of it.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { open, takePicture, withBrowser } = require('./chromium.cjs');

const [work, picture] = process.argv.slice(2);
const installed = createRequire(join(work, 'package.json'));
const WIDTH = 1060;
/** The picture ends below the phases: the facts, the diagram and the phases fit on a screen. */
const END = 'Math.ceil(document.querySelectorAll(".markdown-body table")[1].getBoundingClientRect().bottom) + 8';
const MAX_BYTES = 300_000;
/** As GitHub shows it: the job's name above what its steps wrote. */
const TITLE = 'deploy production summary';

const STYLE = `
body { margin: 0; padding: 16px; background: #f6f8fa; }
.job { border: 1px solid #d1d9e0; border-radius: 6px; background: #fff; }
.job > header { padding: 12px 16px; border-bottom: 1px solid #d1d9e0; font: 600 14px -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", sans-serif; }
.job > .markdown-body { padding: 16px 24px 8px; }
.mermaid { text-align: center; background: #fff; }`;

function page() {
  const { marked } = installed('marked');
  const css = readFileSync(installed.resolve('github-markdown-css/github-markdown-light.css'), 'utf8');
  const mermaid = readFileSync(installed.resolve('mermaid/dist/mermaid.min.js'), 'utf8');
  const html = marked.parse(readFileSync(join(work, 'summary.md'), 'utf8'), { gfm: true })
    .replace(/<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g, '<div class="mermaid">$1</div>');
  return `<!doctype html><meta charset="utf-8"><style>${css}${STYLE}</style>
<div class="job"><header>${TITLE}</header><article class="markdown-body">${html}</article></div>
<script>${mermaid.replaceAll('</script', '<\\/script')}</script><script>mermaid.initialize({ startOnLoad: false, theme: 'default' });</script>`;
}

async function main() {
  const file = join(work, 'summary.html');
  writeFileSync(file, page());
  await withBrowser(join(work, 'profile'), async (browser) => {
    const tab = await open(browser, pathToFileURL(file).href, { scheme: 'light', width: WIDTH });
    await tab.evaluate('mermaid.run()');
    const height = await tab.evaluate(END);
    if (!await tab.evaluate('document.querySelector(".mermaid svg") !== null')) throw new Error('there is no diagram');
    await takePicture(tab, { file: picture, width: WIDTH, height, maxBytes: MAX_BYTES });
  });
}

main().catch((error) => {
  console.error(`run-summary: ${error.message}`);
  process.exitCode = 1;
});
