import { loadBundled } from './bundled';
import { Finding } from './finding';

/** As much of GitHub's language service as is used. */
interface LanguageService {
  validate(document: unknown): Promise<{ message: string; range: { start: { line: number } } }[]>;
  create(uri: string, languageId: string, version: number, content: string): unknown;
}

const ENTRY = [
  'import { TextDocument } from "vscode-languageserver-textdocument";',
  'export { validate } from "@actions/languageservice";',
  'export const create = TextDocument.create;',
].join('\n');
/** It makes the context `github` anew for each expression, from the events of the workflow alone, and copies it: most of its time. */
const REMEMBERS = { getGithubContext: 'workflowContext.template?.events ?? workflowContext', wrapDictionary: 'd' };

let service: LanguageService | undefined;
let documents = 0;

/** GitHub's own workflow parser and expression checker, the one its editor extension uses. */
export async function gitHubParser(text: string, fileName: string): Promise<Finding[]> {
  service ??= loadBundled<LanguageService>('@actions/languageservice', ENTRY, REMEMBERS);
  // it caches by URI
  const uri = `file:///${documents++}/.github/workflows/${fileName}`;
  const diagnostics = await service.validate(service.create(uri, 'yaml', 1, text));
  return diagnostics.map(({ message, range }) => ({ validator: 'github', message, where: `line ${range.start.line + 1}` }));
}
