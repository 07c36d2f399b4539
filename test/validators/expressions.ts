import { loadBundled } from './bundled';

/** What an expression sees: `github`, `needs`, `inputs`. */
export type Contexts = Record<string, unknown>;

/** How the jobs before went; decides `success()`, `failure()`, `cancelled()`. `always()` is true. */
export type Status = 'success' | 'failure' | 'cancelled';

interface Library {
  evaluate(text: string, contexts: Contexts, status: Status): unknown;
}

let library: Library | undefined;

/**
 * Evaluates a job's or step's `if` with GitHub's own expression language; `${{ }}` around it may be there or not.
 */
export function evaluate(text: string, contexts: Contexts, status: Status = 'success'): unknown {
  library ??= loadBundled<Library>('@actions/expressions', ENTRY);
  return library.evaluate(text.replace(/^\$\{\{\s*|\s*\}\}$/g, ''), contexts, status);
}

const ENTRY = `
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

const FUNCTIONS = {
  always: () => true,
  success: (status) => status === 'success',
  failure: (status) => status === 'failure',
  cancelled: (status) => status === 'cancelled',
};

function toData(value) {
  if (value === undefined || value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, one]) => ({ key, value: toData(one) })));
}

export function evaluate(text, contexts, status) {
  const functions = Object.entries(FUNCTIONS).map(([name, holds]) => ({
    name, description: '', minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(holds(status)),
  }));
  const { tokens } = new Lexer(text).lex();
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
  const byName = new Map(functions.map((one) => [one.name, one]));
  const result = new Evaluator(tree, toData(contexts), byName).evaluate();
  return result.kind === data.Kind.Null ? null : result.value ?? result;
}
`;
