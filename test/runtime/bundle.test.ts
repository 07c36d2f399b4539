/** What every repository that uses the library commits. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { bundled as bundledAgain } from '../../projenrc/bundle-runtime';
import { withoutComments } from '../../projenrc/strip-comments';
import { Alert, HealthCheck } from '../../src';
import { RUNTIME_FILE } from '../../src/contract/manifest';
import { deliver, environment, plainProject, synthesize } from '../test-project';

it('one file is written, whatever is declared', () => {
  const project = plainProject();
  deliver(project, { environments: [environment('staging', { healthChecks: [HealthCheck.tcp('db:1')] })], alerts: [Alert.slack('A')], monitoring: {} });
  synthesize(project);
  expect(readdirSync(join(project.outdir, '.projen')).filter((name) => name.startsWith('delivery')).sort()).toEqual(['delivery.cjs', 'delivery.json']);
});

describe(RUNTIME_FILE, () => {
  const text = readFileSync(join(__dirname, '../../assets/delivery.cjs'), 'utf8');
  const lines = text.split('\n');

  it('can be read: nothing in it is made small, and each part names the file it comes from', () => {
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(400);
    expect(lines.filter((line) => line.startsWith('\t'))).toEqual([]);
    expect(lines).toContain('// src/runtime/main.ts');
    expect(lines.filter((line) => line.startsWith('// node_modules/@octokit/request/'))).not.toEqual([]);
  });

  // Node.js decodes and compiles any other text more slowly, at each start
  it('is ASCII', () => {
    expect(lines.filter((line) => /[^\0-\x7f]/.test(line))).toEqual([]);
  });

  it('has no comments but licences and the names of files: those above members of classes are in the sources', async () => {
    const { text: whole } = await bundledAgain();
    const stripped = withoutComments(whole);
    const code = async (one: string) => (await transform(one, { minifyWhitespace: true, legalComments: 'none', charset: 'utf8' })).code;
    expect(await code(stripped)).toBe(await code(whole));
    expect([Buffer.byteLength(whole) - Buffer.byteLength(stripped) > 30_000, stripped.includes('@license')]).toEqual([true, true]);
    expect(lines.filter((line) => /^ *\/\*\*/.test(line))).toEqual([]);
  });

  it.each([
    ['a template', 'f(`\n/** kept */\n// kept\n${\n// gone\n1}`);\n'],
    ['a regular expression', 'x = /\\/\\*/;\n/** gone */\ny = /[/]*[*]/;\n'],
    ['a string', 'x = "\\\n/* kept */ \\\n";\n// gone\n'],
  ])('keeps what only looks like a comment in %s', (_, source) => {
    const stripped = withoutComments(source);
    expect(stripped.match(/kept/g) ?? []).toEqual(source.match(/kept/g) ?? []);
    expect(stripped).not.toContain('gone');
  });

  it('holds the licence of each package that is bundled', () => {
    const bundled = [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(([, name]) => name);
    const [, notices] = /\/\*! @license\nThird-party software in this file(.*?)\*\//s.exec(text)!;
    expect(bundled.length).toBeGreaterThan(5);
    expect([...new Set(bundled)].filter((name) => !new RegExp(`^  (.*, )?${name}[ ,]`, 'm').test(notices))).toEqual([]);
  });

  it('needs nothing but node', () => {
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.filter((name) => !/^node:|^(fs|http|https|stream|net|tls|zlib|url|util|events|assert|buffer|crypto)$/.test(name))).toEqual([]);
  });

  const ours = new Map(text.split(/^(?=\/\/ (?:src|node_modules)\/)/m).flatMap((part) => {
    const [, path] = /^\/\/ (src\/.*)/.exec(part) ?? [];
    return path === undefined ? [] : [[path, part] as const];
  }));
  const filesWith = (pattern: RegExp) => [...ours].flatMap(([path, part]) => (pattern.test(part) ? [path] : []));

  it("uses Node's HTTP module: the first use of Node's fetch takes 40 MB and a seventh of a second", () => {
    expect(ours.size).toBeGreaterThan(100);
    expect(filesWith(/(?<![.\w])fetch\(/)).toEqual([]);
  });

  it('sends requests from one place, which honours the proxy', () => {
    expect(filesWith(/\bhttps?(\(\))?\.(request|get)\(|require\("(node:)?https?"\)\.|import_node_https?/)).toEqual(['src/runtime/http/http-exchange.ts']);
  });
});
