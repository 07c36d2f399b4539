import DefaultTheme from 'vitepress/theme';
import { useData, withBase } from 'vitepress';
import { h, nextTick, onMounted } from 'vue';

/** Draws the diagrams of a page. Only a page with one loads what that needs. */
async function draw() {
  await nextTick();
  const diagrams = document.querySelectorAll('pre.mermaid:not([data-processed])');
  if (diagrams.length === 0) return;
  if (window.mermaid === undefined) {
    await new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src: withBase('/mermaid.min.js'), onload: done, onerror: failed });
      document.head.append(script);
    });
    window.mermaid.initialize({ startOnLoad: false, theme: document.documentElement.classList.contains('dark') ? 'dark' : 'default' });
  }
  await window.mermaid.run({ nodes: diagrams });
}

/** Above each page: which version it describes. */
const Version = {
  setup() {
    const { page, theme } = useData();
    return () => {
      const { built, releases } = theme.value.versions;
      const [tag] = page.value.relativePath.split('/');
      const note = (...children) => h('p', { class: 'version' }, children);
      if (releases.includes(tag)) return note(`This page describes ${tag}. `, h('a', { href: withBase('/') }, 'The latest version'), ' has a search.');
      return note(`This page describes ${built}. `, ...releases.length === 0 ? ['No version is released yet.'] : ['Released: ', ...releases.flatMap((one, at) => [at === 0 ? '' : ', ', h('a', { href: withBase(`/${one}/`) }, one)])]);
    };
  },
};

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-before': () => h(Version) }),
  enhanceApp({ router }) {
    if (typeof window !== 'undefined') router.onAfterRouteChange = draw;
  },
  setup() {
    onMounted(draw);
  },
};
