import DefaultTheme from 'vitepress/theme';
import { withBase } from 'vitepress';
import { nextTick, onMounted } from 'vue';

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

export default {
  extends: DefaultTheme,
  enhanceApp({ router }) {
    if (typeof window !== 'undefined') router.onAfterRouteChange = draw;
  },
  setup() {
    onMounted(draw);
  },
};
