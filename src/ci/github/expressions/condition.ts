import { evaluate, EvaluationContext } from './evaluate';
import { parse, Tree } from './tree';
import { truths } from './values';

const STATUS_FUNCTIONS = ['always', 'success', 'failure', 'cancelled'];
const SUCCESS: Tree = { kind: 'call', name: 'success', args: [] };

/**
 * Parses an `if`. Without a status function it also requires `success()`. `${{ }}` around the whole condition makes no difference; an
 * expression within other text is inserted into it, and non-empty text is true. Throws `NoExpression` if GitHub rejects it.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
 */
export function conditionOf(written: unknown): Tree {
  const text = String(written ?? '');
  if (text.trim() === '') return SUCCESS;
  const tree = text.includes('${{') ? pasted(text) : parse(text);
  return readsStatus(tree) ? tree : { kind: 'and', left: SUCCESS, right: tree };
}

/** Formats expressions into the text around them, as GitHub does. */
function pasted(text: string): Tree {
  const expressions: Tree[] = [];
  const pattern = text.split(/(\$\{\{(?:'[^']*'|(?!\}\})[^'])*\}\})/).map((part, i) => {
    if (i % 2 === 0) return part.replace(/[{}]/g, '$&$&');
    expressions.push(parse(part.slice(3, -2)));
    return `{${expressions.length - 1}}`;
  }).join('');
  return pattern === '{0}' ? expressions[0] : { kind: 'call', name: 'format', args: [{ kind: 'literal', value: pattern }, ...expressions] };
}

function readsStatus(tree: Tree): boolean {
  return [...nodesOf(tree)].some((node) => node.kind === 'call' && STATUS_FUNCTIONS.includes(node.name));
}

/** Returns a tree and all its nodes. */
export function* nodesOf(tree: Tree): Generator<Tree> {
  yield tree;
  for (const child of childrenOf(tree)) yield* nodesOf(child);
}

function childrenOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'literal':
    case 'context': return [];
    case 'index': return tree.key ? [tree.of, tree.key] : [tree.of];
    case 'call': return tree.args;
    case 'not': return [tree.of];
    default: return [tree.left, tree.right];
  }
}

/** Returns the possible results of an `if` with partly known contexts. None: GitHub ends the evaluation with an error. */
export function possible(condition: unknown, known: EvaluationContext): readonly boolean[] {
  return truths(evaluate(conditionOf(condition), known));
}
