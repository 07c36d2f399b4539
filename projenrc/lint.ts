/**
 * Checks the types of a program and the style of its files, and repairs the style where it can: `lint.ts <tsconfig> <path>...`. Both use one
 * TypeScript program: rules ask for types, and to infer them again takes half of eslint's time.
 */
import { loadESLint } from 'eslint';
import * as ts from 'typescript';

const FORMAT: ts.FormatDiagnosticsHost = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => '\n' };
/** As `projen eslint` calls it. */
const STYLE = { extensions: ['.ts', '.tsx'], errorOnUnmatchedPattern: false };

const [configuration, ...paths] = process.argv.slice(2);

async function lint(): Promise<void> {
  const program = programOf(configuration);
  const diagnostics = ts.getPreEmitDiagnostics(program);
  process.stdout.write(ts.formatDiagnosticsWithColorAndContext(diagnostics, FORMAT));
  const hasErrors = await hasStyleErrors(program);
  process.exitCode = diagnostics.length > 0 || hasErrors ? 1 : 0;
}

function programOf(file: string): ts.Program {
  const onUnRecoverableConfigFileDiagnostic = (diagnostic: ts.Diagnostic) => { throw new Error(ts.formatDiagnostic(diagnostic, FORMAT)); };
  const parsed = ts.getParsedCommandLineOfConfigFile(file, { noEmit: true }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic })!;
  const { fileNames: rootNames, options } = parsed;
  return ts.createProgram({ rootNames, options, configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(parsed) });
}

async function hasStyleErrors(program: ts.Program): Promise<boolean> {
  const Eslint = await loadESLint({ useFlatConfig: false });
  const found = await new Eslint({ ...STYLE, overrideConfig: { parserOptions: { programs: [program] } } }).lintFiles(paths);
  const files = found.filter(({ messages }) => messages.length > 0).map(({ filePath }) => filePath);
  if (files.length === 0) return false;
  // the program has the text of before: what is repaired needs one that follows
  const eslint = new Eslint({ ...STYLE, fix: true });
  const left = await eslint.lintFiles(files);
  await Eslint.outputFixes(left);
  process.stdout.write(await (await eslint.loadFormatter('stylish')).format(left));
  return left.some(({ errorCount }) => errorCount > 0);
}

void lint();
