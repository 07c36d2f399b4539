/** What every repository that uses the library commits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSourceFile, forEachChild, isTemplateLiteralToken, Node, ScriptTarget } from 'typescript';
import { MONITORING_FILE, RUNTIME_FILE } from '../src/manifest';

describe.each([RUNTIME_FILE, MONITORING_FILE])('%s', (path) => {
  const text = readFileSync(join(__dirname, path.replace('.projen', '../assets')), 'utf8');

  it('is at most 256 KB', () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
  });

  it('needs nothing but node', () => {
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.filter((name) => !/^node:|^(http|https|stream|net|tls|zlib|url|util|events|assert|buffer|crypto)$/.test(name))).toEqual([]);
  });

  it("asks over HTTP as Node has it: the first use of Node's fetch takes 40 MB and a seventh of a second", () => {
    expect(text).not.toMatch(/(?<![.\w])fetch\(/);
  });

  it('is indented with tabs, and no text in it was', () => {
    const texts: string[] = [];
    const visit = (node: Node): void => {
      if (isTemplateLiteralToken(node)) texts.push(node.getText());
      forEachChild(node, visit);
    };
    visit(createSourceFile(path, text, ScriptTarget.ES2022, true));
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((one) => one.includes('\n\t'))).toEqual([]);
    expect(text).toMatch(/^\tif \(/m);
  });
});
