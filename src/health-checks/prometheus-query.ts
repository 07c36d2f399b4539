import { invalid, show } from '../validation/validation-error';
import { typeOfQuery } from './promql/type-of-query';

/** So long that a URL carries it everywhere. */
const MOST = 4000;

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** Refuses what no Prometheus would take, and what a health check can make nothing of. What only Prometheus knows passes. */
export function checkQuery(option: string, query: unknown): void {
  if (typeof query !== 'string' || query.trim() === '') {
    invalid(option, `${show(query)} is no query`, 'Write PromQL, for example sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))');
  }
  if (query.includes('${{')) invalid(option, 'it holds an expression, which nobody would evaluate', 'Write the query itself');
  if (query.length > MOST) invalid(option, `it has ${query.length} characters, and a URL carries ${MOST}`, 'Make it a recording rule of Prometheus, and ask for that');
  checkBrackets(option, withoutText(option, query));
  checkType(option, query);
}

function checkType(option: string, query: string): void {
  const found = typeOfQuery(query);
  if (found.type === 'invalid') invalid(option, `Prometheus refuses ${show(query)}: ${found.why}`, found.fix);
  if (found.type === 'range') invalid(option, `${show(query)} is a range, and a check needs one number of each series`, 'Put a function around it, for example rate(...)');
  if (found.type === 'text') invalid(option, `${show(query)} is a text, and a check needs numbers`, 'Write a query whose result is a number of each series, for example up');
}

/** Without comments and what is in quotes. */
function withoutText(option: string, query: string): string {
  let code = '';
  for (let at = 0; at < query.length; at++) {
    const letter = query[at];
    if (letter === '#') {
      while (at < query.length && query[at] !== '\n') at++;
    } else if (letter === '"' || letter === '\'' || letter === '`') {
      at = endOfText(option, query, at);
      code += '""';
    } else {
      code += letter;
    }
  }
  return code;
}

/** Where the text that begins here ends. Between backticks a backslash is one. */
function endOfText(option: string, query: string, begin: number): number {
  const quote = query[begin];
  for (let at = begin + 1; at < query.length && (quote === '`' || query[at] !== '\n'); at++) {
    if (query[at] === quote) return at;
    if (query[at] === '\\' && quote !== '`') at++;
  }
  invalid(option, `the quote ${quote} at character ${begin + 1} of ${show(query)} is never closed`, `Close it with ${quote}`);
}

function checkBrackets(option: string, code: string): void {
  const open: string[] = [];
  for (const letter of code) {
    if (letter in CLOSING) open.push(letter);
    if (!Object.values(CLOSING).includes(letter)) continue;
    const last = open.pop();
    if (last === undefined || CLOSING[last] !== letter) {
      invalid(option, `the bracket ${letter} closes none`, last === undefined ? 'Take it out' : `Close ${last} first`);
    }
  }
  const left = open.pop();
  if (left !== undefined) invalid(option, `the bracket ${left} is never closed`, `Add ${CLOSING[left]}`);
}
