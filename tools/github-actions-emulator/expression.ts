import { loadBundled } from '../../test/validators/bundled';

/** What an expression may see. A context that is absent here is refused in the expression, as GitHub does when it reads the file. */
export type Contexts = Record<string, unknown>;

/** The status functions, where GitHub allows them: only in an `if`. */
export type StatusFunctions = Record<'always' | 'success' | 'failure' | 'cancelled', () => boolean>;

/** An expression GitHub would refuse. */
export class ExpressionRejected extends Error {
  constructor(text: string, reason: string) {
    super(`expression "${text}": ${reason}`);
    this.name = 'ExpressionRefused';
  }
}

/**
 * A job's or step's `if`. Without a status function, it also requires `success()`.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
 */
export function holds(condition: string | boolean | null | undefined, contexts: Contexts, functions: StatusFunctions): boolean {
  const text = condition === undefined || condition === null || condition === '' ? 'success()' : String(condition);
  const parts = split(text);
  // `${{ a }} && b` is a text with an expression in it, not an expression: it is true as long as it is not empty
  const mixed = parts.some(({ expression }) => expression) && parts.length > 1;
  const relevant = mixed ? parts : [{ expression: true, text: parts[0].text }];
  const names = Object.keys(contexts);
  const usesStatus = relevant.some((part) => part.expression && attempt(part.text, () => library().usesStatusFunction(part.text, names)));
  if (!usesStatus && !functions.success()) return false;
  const value = mixed ? interpolate(text, contexts, functions) : evaluate(parts[0].text, contexts, functions);
  return value !== '' && value !== false && value !== 0 && value !== null && !Number.isNaN(value);
}

/** A text with `${{ }}` in it. */
export function interpolate(text: unknown, contexts: Contexts, functions?: StatusFunctions): string {
  const value = resolve(text, contexts, functions);
  return typeof value === 'string' ? value : asText(value);
}

/** As `interpolate`, but a text that is one expression and nothing else keeps its type: for booleans, numbers and whole matrices. */
export function resolve(text: unknown, contexts: Contexts, functions?: StatusFunctions): unknown {
  if (typeof text !== 'string') return text;
  const parts = split(text);
  if (parts.length === 1) return parts[0].expression ? evaluate(parts[0].text, contexts, functions) : text;
  return parts.map((part) => (part.expression ? asText(evaluate(part.text, contexts, functions)) : part.text)).join('');
}

/** Throws `ExpressionRefused` when a text holds an expression that is not allowed here. */
export function check(text: unknown, contexts: readonly string[], where: 'if' | 'elsewhere'): void {
  const parts = typeof text === 'string' ? split(text) : [];
  const bare = where === 'if' && parts.length === 1 ? [{ expression: true, text: parts[0].text }] : parts;
  for (const part of bare.filter(({ expression }) => expression)) {
    attempt(part.text, () => library().check(part.text, [...contexts], where === 'if'));
  }
}

function evaluate(text: string, contexts: Contexts, functions?: StatusFunctions): unknown {
  return attempt(text, () => library().evaluate(text, contexts, functions));
}

function attempt<T>(text: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw new ExpressionRejected(text, (error as Error).message);
  }
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? (Array.isArray(value) ? 'Array' : 'Object') : String(value);
}

/** `}}` inside a quoted string does not end an expression. */
function split(text: string): { readonly expression: boolean; readonly text: string }[] {
  const parts = [];
  let rest = text;
  for (let start = rest.indexOf('${{'); start >= 0; start = rest.indexOf('${{')) {
    const inside = /^((?:'[^']*'|(?!\}\})[^'])*)\}\}/.exec(rest.slice(start + 3));
    if (!inside) throw new ExpressionRejected(text, 'it is not closed');
    if (start > 0) parts.push({ expression: false, text: rest.slice(0, start) });
    parts.push({ expression: true, text: inside[1] });
    rest = rest.slice(start + 3 + inside[0].length);
  }
  if (rest !== '' || parts.length === 0) parts.push({ expression: false, text: rest });
  return parts;
}

interface Library {
  evaluate(text: string, contexts: Contexts, functions?: StatusFunctions): unknown;
  usesStatusFunction(text: string, contexts: string[]): boolean;
  check(text: string, contexts: string[], statusFunctions: boolean): void;
}

let loaded: Library | undefined;
const library = () => (loaded ??= loadBundled<Library>('@actions/expressions', ENTRY));

/** GitHub's own parser and evaluator are an ES module: this is the side of it that we see. */
export const ENTRY = `
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

const STATUS = ['always', 'success', 'failure', 'cancelled'];

function parse(text, contexts, withStatus) {
  const functions = withStatus ? STATUS.map((name) => ({ name, description: '', minArgs: 0, maxArgs: 0 })) : [];
  return new Parser(new Lexer(text).lex().tokens, contexts, functions).parse();
}

export function check(text, contexts, withStatus) {
  parse(text, contexts, withStatus);
}

export function evaluate(text, contexts, functions) {
  const tree = parse(text, Object.keys(contexts), functions !== undefined);
  const known = new Map(Object.entries(functions ?? {}).map(([name, ask]) => [name, {
    name, description: '', minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(ask()),
  }]));
  const result = new Evaluator(tree, toData(contexts), known).evaluate();
  // what a missing property gives is null, and so is what JSON cannot say
  if (result === undefined || result.kind === data.Kind.Null) return null;
  return 'value' in result ? result.value : JSON.parse(JSON.stringify(result, data.replacer));
}

export function usesStatusFunction(text, contexts) {
  return calls(parse(text, contexts, true));
}

function calls(node) {
  if (!node || typeof node !== 'object') return false;
  if (node.functionName && STATUS.includes(node.functionName.lexeme.toLowerCase())) return true;
  return [node.expr, node.left, node.right, node.group, node.index, ...(node.args ?? [])].some(calls);
}

function toData(value) {
  if (value === undefined || value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, one]) => ({ key, value: toData(one) })));
}
`;
