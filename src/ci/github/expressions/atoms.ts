import { nodesOf } from './condition';
import { Tree } from './tree';
import { Value } from './values';

/** A value that a condition depends on, for example `needs.build.result`, and the values to distinguish. */
export interface Atom {
  /** In lower case. */
  readonly path: string;
  readonly values: readonly Value[];
}

export const RESULTS = ['success', 'failure', 'cancelled', 'skipped'] as const;

/** The results of these functions cannot be derived from a few example values. */
const OPAQUE = ['tojson', 'fromjson', 'join', 'format', 'hashfiles'];

/** Values that no condition contains; two, because they may be compared with each other. */
const OTHERS: readonly Value[] = ['something', 'something else', null];

/** The atoms of conditions, in order of use. Those that are compared with each other share their values. */
export function atomsOf(trees: readonly Tree[]): Atom[] {
  const nodes = trees.flatMap((tree) => [...nodesOf(tree)]);
  const opaque = new Set(nodes.flatMap((node) => (node.kind === 'call' && OPAQUE.includes(node.name) ? node.args.flatMap((arg) => [...nodesOf(arg)].map(pathOf)) : [])));
  const paths = [...new Set(nodes.flatMap((node) => pathOf(node) ?? []))];
  const whole = paths.filter((path) => !opaque.has(path) && !paths.some((other) => other.startsWith(`${path}.`)));
  const groups = new Map(whole.map((path) => [path, new Group()]));
  for (const node of nodes) compare(groups, node);
  return whole.map((path) => ({ path, values: /^needs\.[^.]+\.result$/.test(path) ? RESULTS : groups.get(path)!.values() }));
}

/** `github.event_name`, in any notation. */
export function pathOf(tree: Tree): string | undefined {
  if (tree.kind === 'context') return tree.name;
  if (tree.kind !== 'index' || tree.key?.kind !== 'literal' || typeof tree.key.value !== 'string' || tree.key.value.includes('.')) return undefined;
  const before = pathOf(tree.of);
  return before && `${before}.${tree.key.value.toLowerCase()}`;
}

function compare(groups: Map<string, Group>, node: Tree): void {
  const operands = node.kind === 'compare' ? [node.left, node.right] : node.kind === 'call' ? node.args : [];
  const [left, right] = operands.map((operand) => groups.get(pathOf(operand) ?? ''));
  if (left && right && left !== right) {
    left.join(right);
    for (const [path, group] of groups) if (group === right) groups.set(path, left);
  }
  const literal = operands.find((operand) => operand.kind === 'literal');
  if (literal?.kind === 'literal') (left ?? right)?.add(node, literal.value);
}

/** The values with which atoms that are compared with each other are compared. */
class Group {
  private readonly literals = new Set<Value>(OTHERS);
  private readonly parts = { begin: new Set(['']), middle: new Set(['']), end: new Set(['']) };

  public add(node: Tree, literal: Value): void {
    this.literals.add(literal);
    if (node.kind === 'call') this.parts[PLACES[node.name] ?? 'middle'].add(String(literal ?? ''));
    if (node.kind !== 'compare' || node.operator === '==' || node.operator === '!=') return;
    // one less, and one more
    for (const near of typeof literal === 'number' ? [literal - 1, literal + 1] : [`${String(literal ?? '')}~`, '']) this.literals.add(near);
  }

  public join({ literals, parts }: Group): void {
    for (const literal of literals) this.literals.add(literal);
    for (const place of ['begin', 'middle', 'end'] as const) for (const part of parts[place]) this.parts[place].add(part);
  }

  public values(): Value[] {
    const { begin, middle, end } = this.parts;
    const middles = new Set([...middle, [...middle].join(' ')]);
    // text that begins or ends with a part need not be that part
    if (begin.size + middle.size + end.size > 3) middles.add('~').add(`${[...middle].join('~')}~`);
    const texts = [...begin].flatMap((a) => [...middles].flatMap((b) => [...end].map((c) => a + b + c)));
    return [...new Set([...this.literals, ...texts.filter((text) => text !== '')])];
  }
}

const PLACES: Readonly<Record<string, 'begin' | 'middle' | 'end' | undefined>> = { startswith: 'begin', endswith: 'end', contains: 'middle' };
