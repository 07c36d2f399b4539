/** Every way to write a condition a little wrong. */

/** A condition's expression, as a tree. */
type Tree =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Tree[] }
  | { readonly kind: 'not'; readonly part: Tree }
  | { readonly kind: '==' | '!='; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'word'; readonly text: string };

export interface Mutation {
  /** What was done to it. */
  readonly title: string;
  readonly text: string;
}

/** @param otherNeeds the jobs that a `needs.<job>` may be mistaken for */
export function mutationsOf(condition: string | undefined, otherNeeds: readonly string[]): Mutation[] {
  if (condition === undefined) return [];
  const tree = new Reader(condition.replace(/^\$\{\{\s*|\s*\}\}$/g, '')).read();
  const original = write(tree);
  const all = variants(tree, otherNeeds).map(({ title, tree: changed }) => ({ title, text: changed === undefined ? 'always()' : write(changed) }));
  const seen = new Set([original]);
  return all.flatMap(({ title, text }) => {
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ title, text: `\${{ ${text} }}` }];
  });
}

interface Variant {
  readonly title: string;
  /** Absent: nothing is left of it. */
  readonly tree: Tree | undefined;
}

const RESULTS = ['\'success\'', '\'failure\'', '\'cancelled\'', '\'skipped\''];
const LIKELY: Record<string, readonly string[]> = {
  '\'stable\'': ['\'frozen\'', '\'rolledBack\'', '\'\''],
  '\'true\'': ['\'false\'', '\'\''],
};
const STATUS = ['always()', 'success()', 'failure()', 'cancelled()'];

function variants(tree: Tree, needs: readonly string[]): Variant[] {
  switch (tree.kind) {
    case 'and':
    case 'or': return [
      ...tree.parts.map((part, index) => ({ title: `without ${write(part)}`, tree: without(tree, index) })),
      { title: `${tree.kind === 'and' ? '||' : '&&'} instead`, tree: { ...tree, kind: tree.kind === 'and' ? 'or' as const : 'and' as const } },
      ...tree.parts.flatMap((part, index) => within(part, needs, (changed) =>
        ({ ...tree, parts: tree.parts.map((one, i) => (i === index ? changed : one)) }))),
    ];
    case 'not': {
      const positive = { title: `${write(tree.part)} instead of ${write(tree)}`, tree: tree.part };
      if (write(tree.part) !== 'cancelled()') return [positive, ...within(tree.part, needs, (part) => ({ kind: 'not', part }))];
      return [positive, ...['always()', 'success()', 'failure()'].map((text) => instead(tree, word(text)))];
    }
    case '==':
    case '!=': return [
      instead(tree, { ...tree, kind: tree.kind === '==' ? '!=' : '==' }),
      ...attempts(tree),
      ...within(tree.left, needs, (left) => ({ ...tree, left })).map((variant) => retitled(tree, variant)),
      ...within(tree.right, needs, (right) => ({ ...tree, right })).map((variant) => retitled(tree, variant)),
    ];
    case 'word': return words(tree.text, needs).map((text) => instead(tree, word(text)));
  }
}

/** `completed_attempt` says more than yes or no. */
function attempts(tree: Extract<Tree, { kind: '==' | '!=' }>): Variant[] {
  if (write(tree.right) !== 'github.run_attempt') return [];
  return [
    instead(tree, { ...tree, kind: '==', right: word('\'\'') }),
    instead(tree, { ...tree, right: word('\'true\'') }),
    instead(tree, { ...tree, right: word('\'1\'') }),
  ];
}

function words(text: string, needs: readonly string[]): readonly string[] {
  if (RESULTS.includes(text)) return RESULTS.filter((one) => one !== text);
  if (STATUS.includes(text)) return text === 'always()' ? ['success()', 'failure()', '!cancelled()'] : STATUS.filter((one) => one !== text);
  if (text.startsWith('\'')) return LIKELY[text] ?? ['\'elsewhere\''];
  const [, job, rest] = /^needs\.([\w-]+)\.(.*)$/.exec(text) ?? [];
  if (job === undefined) return [];
  return needs.filter((other) => other !== job).map((other) => `needs.${other}.${rest}`);
}

function instead(tree: Tree, changed: Tree): Variant {
  return { title: `${write(changed)} instead of ${write(tree)}`, tree: changed };
}

function retitled(before: Tree, { tree }: Variant): Variant {
  return { title: `${tree === undefined ? 'nothing' : write(tree)} instead of ${write(before)}`, tree };
}

function within(part: Tree, needs: readonly string[], around: (changed: Tree) => Tree): Variant[] {
  return variants(part, needs).map(({ title, tree }) => ({ title, tree: tree && around(tree) }));
}

function without(tree: Extract<Tree, { kind: 'and' | 'or' }>, index: number): Tree | undefined {
  const parts = tree.parts.filter((_, i) => i !== index);
  return parts.length === 1 ? parts[0] : { ...tree, parts };
}

function word(text: string): Tree {
  return { kind: 'word', text };
}

function write(tree: Tree): string {
  switch (tree.kind) {
    case 'and':
    case 'or': {
      const parts = tree.parts.map((part) => (part.kind === 'and' || part.kind === 'or' ? `(${write(part)})` : write(part)));
      return parts.join(tree.kind === 'and' ? ' && ' : ' || ');
    }
    case 'not': return tree.part.kind === 'word' ? `!${write(tree.part)}` : `!(${write(tree.part)})`;
    case '==':
    case '!=': return `${write(tree.left)} ${tree.kind} ${write(tree.right)}`;
    case 'word': return tree.text;
  }
}

/** As much of GitHub's expression language as the conditions are written in. */
class Reader {
  private readonly tokens: string[];

  constructor(text: string) {
    this.tokens = text.match(/'(?:[^']|'')*'|&&|\|\||[!=]=|[!()]|[\w.-]+(?:\((?:[^()']|'(?:[^']|'')*')*\))?/g) ?? [];
  }

  public read(): Tree {
    const tree = this.list('or', '||', () => this.list('and', '&&', () => this.comparison()));
    return tree;
  }

  private list(kind: 'and' | 'or', operator: string, read: () => Tree): Tree {
    const parts = [read()];
    while (this.tokens[0] === operator) {
      this.tokens.shift();
      parts.push(read());
    }
    return parts.length === 1 ? parts[0] : { kind, parts };
  }

  private comparison(): Tree {
    const left = this.unary();
    const [operator] = this.tokens;
    if (operator !== '==' && operator !== '!=') return left;
    this.tokens.shift();
    return { kind: operator, left, right: this.unary() };
  }

  private unary(): Tree {
    const token = this.tokens.shift();
    if (token === '!') return { kind: 'not', part: this.unary() };
    if (token !== '(') return word(token ?? '');
    const inner = this.read();
    this.tokens.shift();
    return inner;
  }
}
