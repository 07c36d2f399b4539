import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { Finding } from './finding';

/** As much of GitHub's language service as is used. */
interface LanguageService {
  validate(document: unknown, config?: unknown): Promise<{ message: string; severity?: number; range: { start: { line: number } } }[]>;
  create(uri: string, languageId: string, version: number, content: string): unknown;
}

let loaded: LanguageService | undefined;
let documents = 0;

/** GitHub's own workflow parser and expression checker, the one its editor extension uses. */
export async function gitHubParser(text: string, fileName: string): Promise<Finding[]> {
  loaded ??= load();
  // it caches by URI
  const uri = `file:///${process.pid}-${documents++}/.github/workflows/${fileName}`;
  const diagnostics = await loaded.validate(loaded.create(uri, 'yaml', 1, text));
  return diagnostics.map(({ message, range }) => ({ validator: 'github', message, where: `line ${range.start.line + 1}` }));
}

/** Plain Node refuses the package (a JSON import without its attribute), so it is bundled once. */
function load(): LanguageService {
  const entry = 'export { validate } from "@actions/languageservice"; import { TextDocument } from "vscode-languageserver-textdocument"; export const create = TextDocument.create;';
  const { version } = JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string };
  const bundle = join(tmpdir(), `projen-delivery-validators-${process.getuid?.() ?? 0}`, `languageservice-${version}-${createHash('sha256').update(entry).digest('hex').slice(0, 8)}.cjs`);
  if (!existsSync(bundle)) {
    mkdirSync(dirname(bundle), { recursive: true, mode: 0o700 });
    const unfinished = `${bundle}.${process.pid}`;
    buildSync({
      stdin: { contents: entry, resolveDir: __dirname }, bundle: true, platform: 'node', format: 'cjs', outfile: unfinished, logLevel: 'error',
    });
    renameSync(unfinished, bundle);
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a file that was just made
  return require(bundle) as LanguageService;
}

function packageFile(): string {
  return join(__dirname, '..', '..', 'node_modules', '@actions', 'languageservice', 'package.json');
}
