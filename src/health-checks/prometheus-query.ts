import { typeOfQuery } from './promql/parser';
import { hasExpression } from '../ci/ci-rules';
import { invalid, show } from '../validation/validation-error';

/** Limits the query, so that its URL stays below common limits of proxies. */
const MOST = 4000;

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/**
 * Rejects queries that every supported Prometheus rejects and queries whose result a check cannot use. Constructs that the parser does
 * not know pass.
 */
export function checkQuery(option: string, query: unknown): void {
  if (typeof query !== 'string' || query.trim() === '') {
    invalid(option, `${show(query)} is not a query`, 'Write PromQL, for example sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))');
  }
  if (hasExpression(query)) invalid(option, 'it contains an expression, which is never evaluated', 'Write the query itself');
  if (query.length > MOST) invalid(option, `it has ${query.length} characters; the limit is ${MOST}`, 'Define a recording rule in Prometheus and query that');
  checkBrackets(option, withoutText(option, query));
  checkType(option, query);
}

function checkType(option: string, query: string): void {
  const found = typeOfQuery(query);
  if (found.type === 'invalid') invalid(option, `Prometheus rejects ${show(query)}: ${found.why}`, found.fix);
  if (found.type === 'range') invalid(option, `${show(query)} is a range, but a check needs one number per series`, 'Wrap it in a function, for example rate(...)');
  if (found.type === 'text') invalid(option, `${show(query)} is a string, but a check needs numbers`, 'Write a query that returns one number per series, for example up');
}

/** A comment or a complete string. In backticks a backslash is literal. */
const TEXT = /#[^\n]*|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|`[^`]*`/g;

/** Blanks comments and strings, and rejects a string without an end. */
function withoutText(option: string, query: string): string {
  const code = query.replace(TEXT, (text) => ' '.repeat(text.length));
  const at = code.search(/["'`]/);
  if (at < 0) return code;
  invalid(option, `the quote ${code[at]} at character ${at + 1} of ${show(query)} is never closed`, `Close it with ${code[at]}`);
}

function checkBrackets(option: string, code: string): void {
  const open: string[] = [];
  for (const letter of code) {
    if (letter in CLOSING) open.push(letter);
    if (!Object.values(CLOSING).includes(letter)) continue;
    const last = open.pop();
    if (last === undefined || CLOSING[last] !== letter) {
      invalid(option, `the bracket ${letter} has no opening bracket`, last === undefined ? 'Remove it' : `Close ${last} first`);
    }
  }
  const left = open.pop();
  if (left !== undefined) invalid(option, `the bracket ${left} is never closed`, `Add ${CLOSING[left]}`);
}
