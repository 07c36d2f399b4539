import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';

const PAGES = join(import.meta.dirname, '../pages');
const REPOSITORY = 'https://github.com/projen-delivery/projen-delivery';
/** Of the npm package and the repository; they are not pages. */
const FILES = /^(?:\.\.?\/)*(?:LICENSE|CONTRIBUTING\.md|\.github\/|\.ci\/|examples\/|bench\/|projenrc\/)/;

/** What the documents write in HTML. */
const ELEMENTS = /^<(?:\/?(?:a|br|code|details|summary|sub|sup|p|pre|img)[ >/]|!--)/;

const versions = JSON.parse(readFileSync(join(PAGES, 'versions.json'), 'utf8'));
const { releases } = versions;
const titleOf = (path) => /^# (.+?)(?: <a .*)?$/m.exec(readFileSync(join(PAGES, path), 'utf8'))[1].replaceAll('`', '');
const pagesIn = (folder) => readdirSync(join(PAGES, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
const item = (path) => ({ text: titleOf(path), link: `/${path.replace(/\.md$/, '')}` });

/** The same pages for the work tree (no prefix) and for each release. */
function sidebar(prefix) {
  const under = (path) => `${prefix}${path}`;
  const first = ['tutorial', 'environments', 'health-checks', 'rollback', 'monitoring', 'alerts'].map((name) => under(`docs/${name}.md`)).filter((path) => existsSync(join(PAGES, path)));
  const others = pagesIn(under('docs')).filter((path) => !first.includes(path));
  return [
    { text: 'Guide', items: [{ text: 'Introduction', link: `/${prefix}` }, ...(prefix === '' ? [{ text: 'Gallery', link: '/gallery' }] : []), ...first.map(item)] },
    ...(existsSync(join(PAGES, under('docs/targets'))) ? [{ text: 'Targets', items: pagesIn(under('docs/targets')).map(item) }] : []),
    { text: 'Reference', collapsed: false, items: [...others.map(item), ...['API.md', 'CHANGELOG.md', 'SECURITY.md'].map(under).filter((path) => existsSync(join(PAGES, path))).map(item)] },
  ];
}

export default defineConfig({
  title: 'projen-delivery',
  description: 'Deploy, verify, watch and roll back a release: a projen component that synthesizes delivery jobs.',
  // of the repository on GitHub Pages
  base: process.env.SITE_BASE ?? '/projen-delivery/',
  // without one a browser requests /favicon.ico, which is outside of the site
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><text y="80" font-size="90">↩</text></svg>')}` }]],
  srcDir: 'pages',
  outDir: 'dist',
  cleanUrls: true,
  ignoreDeadLinks: false,
  markdown: {
    // a document's `{ x }` is text
    attrs: { disable: true },
    // as GitHub names headings: the documents link to them
    anchor: { slugify: (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-') },
    config(md) {
      // elsewhere `<name>` and `{{ x }}` are text, and not elements and expressions of Vue
      const html = (tokens, index) => (ELEMENTS.test(tokens[index].content) ? tokens[index].content : md.utils.escapeHtml(tokens[index].content));
      Object.assign(md.renderer.rules, { html_inline: html, html_block: html });
      md.renderer.rules.code_inline = (tokens, index) => `<code v-pre>${md.utils.escapeHtml(tokens[index].content)}</code>`;
      const text = md.renderer.rules.text;
      md.renderer.rules.text = (...args) => text(...args).replaceAll('{{', '&#123;&#123;');
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const { content, info } = tokens[index];
        return info.trim() === 'mermaid' ? `<pre class="mermaid" v-pre>${md.utils.escapeHtml(content)}</pre>` : fence(tokens, index, ...rest);
      };
      const link = md.renderer.rules.link_open ?? ((tokens, index, options, _, self) => self.renderToken(tokens, index, options));
      md.renderer.rules.link_open = (tokens, index, options, env, self) => {
        const href = tokens[index].attrGet('href');
        if (FILES.test(href)) tokens[index].attrSet('href', `${REPOSITORY}/blob/main/${href.replace(/^(?:\.\.?\/)*/, '')}`);
        return link(tokens, index, options, env, self);
      };
    },
  },
  themeConfig: {
    versions,
    nav: [
      { text: 'Guide', link: '/docs/tutorial' },
      { text: 'Gallery', link: '/gallery' },
      { text: 'API', link: '/API' },
      { text: 'Version', items: [{ text: 'latest', link: '/' }, ...releases.map((tag) => ({ text: tag, link: `/${tag}/` }))] },
    ],
    sidebar: { '/': sidebar(''), ...Object.fromEntries(releases.map((tag) => [`/${tag}/`, sidebar(`${tag}/`)])) },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    search: {
      provider: 'local',
      // a search finds the pages of this version only
      options: { _render: (source, env, md) => (/^v\d/.test(env.relativePath) ? '' : md.render(source, env)) },
    },
  },
});
