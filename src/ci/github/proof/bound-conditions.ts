import { atomsOf, pathOf } from '../expressions/atoms';
import { conditionOf, nodesOf } from '../expressions/condition';
import { evaluate } from '../expressions/evaluate';
import { NoExpression } from '../expressions/tokens';
import { Tree } from '../expressions/tree';
import { folded as foldedText, isPrimitive, textOf, truths, Unknown, UNKNOWN, Value } from '../expressions/values';

/** What is known of a run when it starts. Absent: anything may have started it. */
export interface Start {
  /** Continues "after": `a push to 'main'`. */
  readonly title: string;
  /** Returns a value of a context; most are unknown. */
  valueOf(path: string): Value;
}

const ANYTHING: Tree = { kind: 'literal', value: UNKNOWN };

/** The most combinations of unknown values that are distinguished; beyond, each unknown part of a condition is taken both ways by itself. */
const MOST_CASES = 16;
const MOST_VALUES = 512;

/** Parses a condition. One that GitHub cannot read is taken both ways. */
export function treeOf(written: unknown): Tree {
  try {
    return conditionOf(written);
  } catch (error) {
    if (error instanceof NoExpression) return ANYTHING;
    throw error;
  }
}

/**
 * Binds what is fixed when a run starts in the conditions of its jobs: only the results of other jobs, and the attempt, remain. Unknown values
 * (a variable, the actor) are taken in every way that makes a difference, in each one for all conditions alike.
 */
export function boundConditions(trees: readonly Tree[], start: Start | undefined): Tree[][] {
  const leaves = new Map(trees.flatMap(leavesOf).map((leaf) => [keyOf(leaf), leaf]));
  const bound = [...leaves].map(([key, leaf]) => [key, valued(leaf, (path) => start?.valueOf(path))] as const);
  const fixed = new Map(bound.map(([key, leaf]) => [key, truthOf(leaf)]));
  const open = bound.filter(([key]) => fixed.get(key) === undefined);
  return casesOf(open.map(([, leaf]) => leaf), start).map((found) => {
    const truth = new Map([...fixed, ...open.map(([key], i) => [key, found[i]] as const)]);
    return trees.map((tree) => replaced(tree, truth));
  });
}

/** The combinations of truth values that unknown leaves can have together. */
function casesOf(leaves: readonly Tree[], start: Start | undefined): (readonly (boolean | undefined)[])[] {
  const unsaid = [leaves.map(() => undefined)];
  if (leaves.length === 0 || start === undefined) return unsaid;
  const atoms = atomsOf(leaves).map(({ path, values }) => ({ path, values: values.filter((value) => canBe(value, start.valueOf(path))) }));
  if (atoms.reduce((product, { values }) => product * values.length, 1) > MOST_VALUES) return unsaid;
  const cases = new Map<string, readonly (boolean | undefined)[]>();
  const assign = (i: number, found: ReadonlyMap<string, Value>) => {
    if (i < atoms.length) return atoms[i].values.forEach((value) => assign(i + 1, new Map([...found, [atoms[i].path, value]])));
    const truth = leaves.map((leaf) => truthOf(valued(leaf, (path) => found.get(path))));
    cases.set(truth.join(), truth);
  };
  assign(0, new Map());
  return cases.size === 0 || cases.size > MOST_CASES ? unsaid : [...cases.values()];
}

/** Whether a value fits what is known of it. */
function canBe(value: Value, known: Value): boolean {
  if (!(known instanceof Unknown)) return true;
  const { begin, end, isName = false } = known.text;
  if (begin === '' && end === '' && !isName) return true;
  if (typeof value !== 'string' || value === '') return false;
  return foldedText(value).startsWith(foldedText(begin)) && foldedText(value).endsWith(foldedText(end)) && value.length >= begin.length + end.length;
}

/** The largest parts of a condition that depend on nothing that happens in the run. */
function leavesOf(tree: Tree): Tree[] {
  if (tree.kind === 'not') return leavesOf(tree.of);
  if (tree.kind === 'and' || tree.kind === 'or') return [...leavesOf(tree.left), ...leavesOf(tree.right)];
  return tree.kind === 'literal' || isOfRun(tree) ? [] : [tree];
}

const OF_RUN = ['always', 'success', 'failure', 'cancelled'];

function isOfRun(tree: Tree): boolean {
  return [...nodesOf(tree)].some((node) => (node.kind === 'context' && node.name === 'needs') || (node.kind === 'call' && OF_RUN.includes(node.name)) || pathOf(node) === RUN_ATTEMPT);
}

const RUN_ATTEMPT = 'github.run_attempt';

function valued(tree: Tree, valueOf: (path: string) => Value | undefined): Tree {
  const path = pathOf(tree);
  const value = path === undefined ? undefined : valueOf(path);
  if (value !== undefined) return { kind: 'literal', value };
  return mapped(tree, (child) => valued(child, valueOf));
}

function truthOf(tree: Tree): boolean | undefined {
  const found = truths(evaluate(tree, { contexts: {} }));
  return found.length === 1 ? found[0] : undefined;
}

function replaced(tree: Tree, truth: ReadonlyMap<string, boolean | undefined>): Tree {
  if (tree.kind === 'not' || tree.kind === 'and' || tree.kind === 'or') return folded(mapped(tree, (child) => replaced(child, truth)));
  if (tree.kind === 'literal' || isOfRun(tree)) return tree;
  const known = truth.get(keyOf(tree));
  return known === undefined ? ANYTHING : { kind: 'literal', value: known };
}

/** Without parts that are known to make no difference. */
function folded(tree: Tree): Tree {
  if (tree.kind !== 'and' && tree.kind !== 'or') return tree;
  const { left, right } = tree;
  const decides = tree.kind === 'or';
  if (left.kind === 'literal' && typeof left.value === 'boolean') return left.value === decides ? left : right;
  if (right.kind === 'literal' && typeof right.value === 'boolean') return right.value === decides ? right : left;
  return tree;
}

/** Returns the tree with each part replaced. */
export function mapped(tree: Tree, map: (tree: Tree) => Tree): Tree {
  switch (tree.kind) {
    case 'literal':
    case 'context': return tree;
    case 'index': return { ...tree, of: map(tree.of), ...(tree.key && { key: map(tree.key) }) };
    case 'call': return { ...tree, args: tree.args.map(map) };
    case 'not': return { ...tree, of: map(tree.of) };
    default: return { ...tree, left: map(tree.left), right: map(tree.right) };
  }
}

/** Equal trees have equal keys. */
export function keyOf(tree: Tree): string {
  switch (tree.kind) {
    case 'literal': return isPrimitive(tree.value) ? `${typeof tree.value}:${JSON.stringify(textOf(tree.value))}` : '?';
    case 'context': return tree.name;
    case 'index': return `${keyOf(tree.of)}[${tree.key ? keyOf(tree.key) : '*'}]`;
    case 'call': return `${tree.name}(${tree.args.map(keyOf).join()})`;
    case 'not': return `!(${keyOf(tree.of)})`;
    default: return `(${keyOf(tree.left)} ${tree.kind === 'compare' ? tree.operator : tree.kind} ${keyOf(tree.right)})`;
  }
}
