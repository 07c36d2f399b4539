/**
 * `ts-node -T test/docs/examples.ts [--write]`: every TypeScript example of the README, of docs and of the docstrings is compiled by
 * jsii-rosetta (strictly: a fault is an error), and docs/python.md must hold what rosetta makes of those in the documents. `--write` writes it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const PAGE = 'docs/python.md';

interface Example {
  readonly document: string;
  /** The heading that it stands under. */
  readonly heading: string;
  /** The rest of the line that opens the block: rosetta's fixture. */
  readonly fixture: string;
  readonly source: string;
}

interface Tablet {
  readonly snippets: Record<string, { readonly translations: Record<string, { readonly source: string }> }>;
}

function examplesOf(document: string): Example[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```ts([^\n]*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: fixture, 2: source }) => ({
    document,
    heading: [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)![1],
    fixture: fixture.trim() || fixtureOf(source),
    source,
  }));
}

/** A program brings its own imports, if not the project that it is about. */
function fixtureOf(source: string): string {
  if (!source.startsWith('import ')) return '';
  return /^const \w+ = new /m.test(source) ? 'nofixture' : 'fixture=project';
}

/** Of each example, in Python. They are compiled as if all of them stood in the package's README. */
function translate(examples: Example[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-examples-'));
  try {
    const markdown = examples.map(({ fixture, source }) => `\`\`\`ts ${fixture}\n${source}\`\`\`\n`).join('\n');
    const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(folder, '.jsii'), JSON.stringify({ ...assembly, readme: { markdown } }));
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    cpSync(join(ROOT, 'rosetta'), join(folder, 'rosetta'), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    for (const name of ['projen', 'constructs']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    symlinkSync(ROOT, join(folder, 'node_modules/projen-delivery'));
    const tablet = join(folder, 'tablet.json');
    const rosetta = join(ROOT, 'node_modules/.bin/jsii-rosetta');
    execFileSync(rosetta, ['extract', '--strict', '--cache-to', tablet, '--directory', folder, folder], { stdio: 'inherit' });
    const snippets = Object.values((JSON.parse(readFileSync(tablet, 'utf8')) as Tablet).snippets);
    const snippetOf = (source: string) => snippets.find(({ translations }) => translations.$?.source.trim() === source.trim())!;
    return examples.map(({ source }) => snippetOf(source).translations.python!.source);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** projen's submodule that holds a struct. rosetta imports a struct that it meets in a submodule's option from `projen.<struct>`, which is no module. */
function moduleOf(struct: string): string {
  const { types } = JSON.parse(readFileSync(join(ROOT, 'node_modules/projen/.jsii'), 'utf8')) as { readonly types: Record<string, unknown> };
  const fqn = Object.keys(types).find((name) => name.endsWith(`.${struct}`))!;
  return fqn.slice(0, -struct.length - 1);
}

/** What rosetta does not know: `if` and `with` are words of Python, so jsii calls them `if_` and `with_`; an option alone is an argument. */
function idiomatic({ fixture }: Example, python: string): string {
  const text = python
    .replace(/^(\s+)(if|with)=/gm, '$1$2_=')
    // what it imports for structs comes once for each place
    .replace(/^(from \S+ import )(.*)$/gm, (_, from: string, names: string) => from + [...new Set(names.split(', '))].join(', '))
    .replace(/^from projen\.(\w+) import \1$/gm, (_, struct: string) => `from ${moduleOf(struct)} import ${struct}`)
    .trim();
  return fixture.endsWith('-options') ? text.replace(/^from .*\n/gm, '').replace(/^"(\w+)": /, '$1=') : text;
}

function page(examples: Example[], translations: string[]): string {
  const parts = examples.map((example, i) => {
    const { document, heading } = example;
    const anchor = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-');
    return `From [${heading}](${document.startsWith('docs/') ? document.slice(5) : `../${document}`}#${anchor}):\n\n\`\`\`python\n${idiomatic(example, translations[i])}\n\`\`\`\n`;
  });
  return [
    '# The examples in Python\n',
    'This page contains the TypeScript examples of the README and of the other pages, translated to Python by jsii-rosetta. For a whole',
    'project, and for what differs in Python, see [languages](languages.md).\n',
    '<!-- generated: npx ts-node -T test/docs/examples.ts --write -->\n',
    parts.join('\n'),
  ].join('\n');
}

function main(isWriting: boolean): void {
  const documents = ['README.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`).filter((name) => name.endsWith('.md')).sort()];
  const examples = documents.flatMap(examplesOf);
  const translations = translate(examples);
  const text = page(examples, translations);
  if (isWriting) writeFileSync(join(ROOT, PAGE), text);
  if (readFileSync(join(ROOT, PAGE), 'utf8') !== text) throw new Error(`${PAGE} is not what jsii-rosetta makes of the examples: npx ts-node -T test/docs/examples.ts --write`);
  process.stdout.write(`${examples.length} examples compile\n`);
}

main(process.argv.includes('--write'));
