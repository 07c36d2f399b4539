import { unwrapped } from '../jobs/conditions';

/**
 * Splits a condition into the parts that must all be true. `a && (b && c)` has three parts; `a && b || c` has one, because it can be
 * true without `a`. White space and a `${{ }}` around the whole make no difference.
 */
export function conjuncts(condition: string): string[] {
  const text = unwrapped(condition);
  // an expression within other text is inserted into it, and non-empty text is true
  return text.includes('${{') ? [condition.trim()] : parts(text);
}

function parts(condition: string): string[] {
  const text = bare(condition.trim());
  const found = split(text);
  return found.length === 1 ? [condensed(text)] : found.flatMap(parts);
}

/** Removes parentheses around the whole condition. */
function bare(text: string): string {
  return isEnclosed(text) ? bare(text.slice(1, -1).trim()) : text;
}

/** Splits at each top-level `&&`, but not if there is a top-level `||`, which binds less. */
function split(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let begin = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (depth > 0) continue;
    if (token === '||') return [text];
    if (token === '&&') {
      found.push(text.slice(begin, index));
      begin = index + 2;
    }
  }
  return [...found, text.slice(begin)];
}

/** Whether the first parenthesis is closed by the last character only. */
function isEnclosed(text: string): boolean {
  if (!text.startsWith('(')) return false;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0) return index === text.length - 1;
  }
  return false;
}

/** The tokens that determine the end of a part; quoted text is skipped. */
const TOKENS = /'(?:[^']|'')*'|&&|\|\||[()[\]]/g;

/** Normalizes white space. */
function condensed(text: string): string {
  return text.replace(/('(?:[^']|'')*')|\s*(&&|\|\||[!=<>]=|[<>]|,)\s*|\s*([()[\]!])\s*|\s+/g, (_, quoted?: string, operator?: string, sign?: string) => {
    if (operator !== undefined) return operator === ',' ? ', ' : ` ${operator} `;
    return quoted ?? sign ?? ' ';
  }).trim();
}
