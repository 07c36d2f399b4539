import { FUNCTIONS } from './functions';
import { Token, tokensOf, unexpected } from './tokens';
import { Value } from './values';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** An expression. */
export type Tree =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'context'; readonly name: string }
  /** `key` is absent for `*`. */
  | { readonly kind: 'index'; readonly of: Tree; readonly key?: Tree }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Tree[] }
  | { readonly kind: 'not'; readonly of: Tree }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'and' | 'or'; readonly left: Tree; readonly right: Tree };

/** Parses an expression, without `${{ }}` around it. Throws `NoExpression` if GitHub rejects it. */
export function parse(text: string): Tree {
  const parser = new Parser(tokensOf(text));
  const tree = parser.or();
  parser.end();
  return tree;
}

/** One method for each level of precedence. */
class Parser {
  private next = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  public or(): Tree {
    let left = this.and();
    while (this.takes('||')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  public end(): void {
    if (this.next < this.tokens.length) unexpected(this.tokens[this.next].text);
  }

  private and(): Tree {
    let left = this.equality();
    while (this.takes('&&')) left = { kind: 'and', left, right: this.equality() };
    return left;
  }

  private equality(): Tree {
    return this.comparison(['==', '!='], () => this.comparison(['<=', '<', '>=', '>'], () => this.unary()));
  }

  private comparison(operators: Comparison[], operand: () => Tree): Tree {
    let left = operand();
    for (;;) {
      const operator = operators.find((one) => this.takes(one));
      if (operator === undefined) return left;
      left = { kind: 'compare', operator, left, right: operand() };
    }
  }

  private unary(): Tree {
    return this.takes('!') ? { kind: 'not', of: this.unary() } : this.primary();
  }

  private primary(): Tree {
    const token = this.tokens[this.next];
    this.next += 1;
    if (token?.kind === 'literal') return { kind: 'literal', value: token.value };
    if (token?.kind === 'name') return this.indexed(this.takes('(') ? this.call(token.text) : { kind: 'context', name: token.text.toLowerCase() });
    if (token?.text !== '(') unexpected(token?.text);
    const inside = this.or();
    this.take(')');
    return this.indexed(inside);
  }

  private call(written: string): Tree {
    const name = written.toLowerCase();
    const args: Tree[] = [];
    while (!this.takes(')')) {
      args.push(this.or());
      if (this.tokens[this.next]?.text !== ')') this.take(',');
    }
    const known = FUNCTIONS[name];
    if (known && (args.length < known.least || args.length > known.most)) unexpected(written);
    return { kind: 'call', name, args };
  }

  private indexed(of: Tree): Tree {
    if (this.takes('[')) {
      const key = this.takes('*') ? undefined : this.or();
      this.take(']');
      return this.indexed({ kind: 'index', of, key });
    }
    if (!this.takes('.')) return of;
    if (this.takes('*')) return this.indexed({ kind: 'index', of });
    const token = this.tokens[this.next];
    if (token?.kind !== 'name') unexpected(token?.text);
    this.next += 1;
    return this.indexed({ kind: 'index', of, key: { kind: 'literal', value: token.text } });
  }

  private takes(sign: string): boolean {
    const token = this.tokens[this.next];
    const found = token?.kind === 'sign' && token.text === sign;
    if (found) this.next += 1;
    return found;
  }

  private take(sign: string): void {
    if (!this.takes(sign)) unexpected(this.tokens[this.next]?.text);
  }
}
