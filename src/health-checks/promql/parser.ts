import { AGGREGATIONS, FUNCTIONS, PromqlFunction, PromqlType } from './functions';
import { checkPattern, Matcher, matchesEmpty } from './matcher';
import { PromqlFault, PromqlUnknown, Token, tokensOf } from './tokens';
import { show } from '../../validation/validation-error';

/** The type of a query. */
type TypeOfQuery =
  | { readonly type: PromqlType }
  /** Only Prometheus can determine the type. */
  | { readonly type: 'unknown'; readonly why: string }
  /** Prometheus rejects the query. */
  | { readonly type: 'invalid'; readonly why: string; readonly fix: string };

/** Determines the type of a query, as Prometheus 2.42 and later do before they run it. */
export function typeOfQuery(query: string): TypeOfQuery {
  try {
    return { type: new PromqlParser(query).type() };
  } catch (error) {
    if (error instanceof PromqlFault) return { type: 'invalid', why: error.why, fix: error.fix };
    if (error instanceof PromqlUnknown) return { type: 'unknown', why: error.why };
    throw error;
  }
}

/** The precedence of each operator. */
const BINDING: ReadonlyMap<string, number> = new Map(
  [['or'], ['and', 'unless'], ['==', '!=', '<=', '<', '>=', '>'], ['+', '-'], ['*', '/', '%', 'atan2'], ['^']].flatMap((names, i) => names.map((name) => [name, i + 1] as const)),
);
const COMPARISON = 3;
const POWER = 6;

/** The types, as messages name them. */
const SHOWN: Record<PromqlType, string> = { scalar: 'a scalar', vector: 'a vector', range: 'a range', text: 'a string' };

interface Expression {
  readonly type: PromqlType;
  /** A selector or a range (also a subquery) may have an offset. Only a selector may become a range. */
  readonly form: 'selector' | 'range' | 'other';
}

interface Operator {
  readonly name: string;
  readonly isBool: boolean;
  readonly isMatched: boolean;
  readonly isGrouped: boolean;
}

/**
 * Determines the type of a query. It parses only what affects types.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
class PromqlParser {
  private readonly tokens: Token[];
  private at = 0;

  constructor(query: string) {
    this.tokens = tokensOf(query);
  }

  /**
   * @throws PromqlFault if Prometheus rejects the query
   * @throws PromqlUnknown if only Prometheus can determine the type
   */
  public type(): PromqlType {
    const { type } = this.expression(0);
    if (this.token.kind !== 'end') throw this.unexpected();
    return type;
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private unexpected(): PromqlUnknown {
    return new PromqlUnknown(`${show(this.token.text)} is not known at this position`);
  }

  private take(kind: Token['kind'], text?: string): string | undefined {
    const { token } = this;
    if (token.kind !== kind || (text !== undefined && token.text.toLowerCase() !== text)) return undefined;
    this.at += 1;
    return token.text;
  }

  private need(kind: Token['kind'], text?: string): string {
    const taken = this.take(kind, text);
    if (taken === undefined) throw this.unexpected();
    return taken;
  }

  private expression(least: number): Expression {
    let left = this.unary();
    for (;;) {
      const binding = this.token.kind === 'mark' || this.token.kind === 'name' ? BINDING.get(this.token.text.toLowerCase()) : undefined;
      if (binding === undefined || binding < least) return left;
      const operator = this.operator();
      const right = this.expression(operator.name === '^' ? binding : binding + 1);
      left = { type: typeOfBinary(operator, left.type, right.type), form: 'other' };
    }
  }

  private operator(): Operator {
    const name = this.token.text.toLowerCase();
    this.at += 1;
    const isBool = this.take('name', 'bool') !== undefined;
    const isMatched = (this.take('name', 'on') ?? this.take('name', 'ignoring')) !== undefined;
    if (isMatched) this.labels();
    const isGrouped = isMatched && (this.take('name', 'group_left') ?? this.take('name', 'group_right')) !== undefined;
    if (isGrouped && this.token.text === '(') this.labels();
    return { name, isBool, isMatched, isGrouped };
  }

  private unary(): Expression {
    const sign = this.take('mark', '-') ?? this.take('mark', '+');
    if (sign === undefined) return this.suffixed(this.primary());
    const { type } = this.expression(POWER);
    if (type !== 'scalar' && type !== 'vector') throw new PromqlFault(`${sign} precedes ${SHOWN[type]}`, 'Write it before a number or a vector');
    return { type, form: 'other' };
  }

  private primary(): Expression {
    if (this.take('number') !== undefined) return { type: 'scalar', form: 'other' };
    if (this.take('text') !== undefined) return { type: 'text', form: 'other' };
    if (this.token.text === '{' && this.token.kind === 'mark') return this.selector(undefined);
    if (this.take('mark', '(') !== undefined) {
      const { type } = this.expression(0);
      this.need('mark', ')');
      return { type, form: 'other' };
    }
    return this.named(this.need('name'));
  }

  private named(name: string): Expression {
    const word = name.toLowerCase();
    const after = this.token.kind === 'mark' || this.token.kind === 'name' ? this.token.text.toLowerCase() : '';
    if (AGGREGATIONS.has(word) && ['(', 'by', 'without'].includes(after)) return this.aggregation(word);
    if (after === '(') return this.call(name);
    if (['bool', 'on', 'ignoring', 'group_left', 'group_right'].includes(word)) {
      this.at -= 1;
      throw this.unexpected();
    }
    return this.selector(name);
  }

  private selector(metric: string | undefined): Expression {
    const matchers = this.take('mark', '{') === undefined ? [] : this.matchers();
    for (const matcher of matchers) checkPattern(matcher);
    if (metric !== undefined && matchers.some(({ label }) => label === '__name__')) throw new PromqlFault(`${metric} has a second name in __name__`, 'Remove one of them');
    if (metric === undefined && matchers.every(matchesEmpty)) {
      throw new PromqlFault('a selector without a name matches every series', 'Add the name of the metric, or a label with a value that is not empty');
    }
    return { type: 'vector', form: 'selector' };
  }

  private matchers(): Matcher[] {
    const matchers: Matcher[] = [];
    while (this.take('mark', '}') === undefined) {
      const label = this.need('name');
      if (!['=', '!=', '=~', '!~'].includes(this.token.text)) throw this.unexpected();
      matchers.push({ label, operator: this.need('mark'), value: this.need('text') });
      if (this.token.text !== '}') this.need('mark', ',');
    }
    return matchers;
  }

  private aggregation(name: string): Expression {
    const isGrouped = this.grouping();
    const types = this.parameters();
    if (!isGrouped) this.grouping();
    checkParameters(name, types, { parameters: [...AGGREGATIONS.get(name)!, 'vector'], isOpen: false });
    return { type: 'vector', form: 'other' };
  }

  private grouping(): boolean {
    if ((this.take('name', 'by') ?? this.take('name', 'without')) === undefined) return false;
    this.labels();
    return true;
  }

  private labels(): void {
    this.need('mark', '(');
    while (this.take('mark', ')') === undefined) {
      this.need('name');
      if (this.token.text !== ')') this.need('mark', ',');
    }
  }

  private call(name: string): Expression {
    const types = this.parameters();
    const called = FUNCTIONS.get(name);
    if (!called) throw new PromqlUnknown(`not every Prometheus since 2.42 has the function ${name}`);
    checkParameters(name, types, called);
    return { type: called.result, form: 'other' };
  }

  private parameters(): PromqlType[] {
    const types: PromqlType[] = [];
    this.need('mark', '(');
    if (this.take('mark', ')') !== undefined) return types;
    for (;;) {
      types.push(this.expression(0).type);
      if (this.take('mark', ')') !== undefined) return types;
      this.need('mark', ',');
    }
  }

  /** Parses ranges, offsets and timestamps after an expression. */
  private suffixed(first: Expression): Expression {
    let { form, type } = first;
    for (;;) {
      if (this.take('mark', '[') !== undefined) {
        type = this.bracket({ form, type });
        form = 'range';
      } else if (this.take('name', 'offset') !== undefined) {
        checkMovable('offset', form);
        this.take('mark', '-');
        this.need('duration');
        form = form === 'selector' ? 'range' : form;
      } else if (this.take('mark', '@') !== undefined) {
        checkMovable('@', form);
        this.timestamp();
        form = form === 'selector' ? 'range' : form;
      } else {
        return { form, type };
      }
    }
  }

  private bracket({ form, type }: Expression): PromqlType {
    const duration = this.need('duration');
    if (/^(?:0+[a-z]+)+$/.test(duration)) throw new PromqlFault(`the range ${duration} is empty`, 'Write a longer range, for example 5m');
    if (this.take('mark', ':') !== undefined) {
      this.take('duration');
      if (type !== 'vector') throw new PromqlFault(`it has a subquery of ${SHOWN[type]}`, 'Write a subquery of a vector');
    } else if (form !== 'selector') {
      throw new PromqlFault(`[${duration}] follows an expression that is not a selector`, `Write a subquery: [${duration}:]`);
    }
    this.need('mark', ']');
    return 'range';
  }

  private timestamp(): void {
    if ((this.take('name', 'start') ?? this.take('name', 'end')) !== undefined) {
      this.need('mark', '(');
      this.need('mark', ')');
      return;
    }
    if (this.take('mark', '-') === undefined) this.take('mark', '+');
    this.need('number');
  }
}

function checkMovable(word: string, form: Expression['form']): void {
  if (form === 'other') throw new PromqlFault(`${word} follows an expression that is not a selector`, `Write ${word} directly after the selector, for example rate(x[5m] ${word} ...)`);
}

function checkParameters(
  name: string, types: readonly PromqlType[], { parameters, isOpen, least = parameters.length }: Pick<PromqlFunction, 'parameters' | 'isOpen'> & { least?: number },
): void {
  if (types.length < least || (!isOpen && types.length > parameters.length)) {
    const many = least === parameters.length ? `${least}` : `${least} ${isOpen ? 'or more' : `to ${parameters.length}`}`;
    throw new PromqlFault(`${name} takes ${many} parameters, but it has ${types.length}`, `See https://prometheus.io/docs/prometheus/latest/querying/${AGGREGATIONS.has(name) ? 'operators' : 'functions'}/`);
  }
  types.forEach((type, i) => {
    const wanted = parameters[Math.min(i, parameters.length - 1)]!;
    if (type !== wanted) throw new PromqlFault(`${name} takes ${SHOWN[wanted]}, but parameter ${i + 1} is ${SHOWN[type]}`, HOW_TO[wanted]);
  });
}

const HOW_TO: Record<PromqlType, string> = {
  scalar: 'Write a number, or scalar(...) around a vector',
  vector: 'Write a selector, or vector(...) around a number',
  range: 'Write a range, for example x[5m], or a subquery, for example (x / y)[5m:]',
  text: 'Write it in quotes',
};

function typeOfBinary({ name, isBool, isGrouped, isMatched }: Operator, left: PromqlType, right: PromqlType): PromqlType {
  for (const type of [left, right]) if (type === 'range' || type === 'text') throw new PromqlFault(`an operand of ${name} is ${SHOWN[type]}`, 'Wrap it in a function, for example rate(...)');
  const isComparison = BINDING.get(name) === COMPARISON;
  const isSet = BINDING.get(name)! < COMPARISON;
  const areScalars = left === 'scalar' && right === 'scalar';
  if (isBool && !isComparison) throw new PromqlFault(`bool follows ${name}`, 'Write bool only after a comparison');
  if (isComparison && areScalars && !isBool) {
    throw new PromqlFault(`${name} compares two scalars, which Prometheus allows only with bool`, `Write ${name} bool, or put the comparison into the condition`);
  }
  if ((isSet || isMatched) && (left === 'scalar' || right === 'scalar')) {
    throw new PromqlFault(`${isSet ? name : 'on or ignoring'} has a scalar as an operand`, 'Wrap it in vector(...)');
  }
  if (isSet && isGrouped) throw new PromqlFault(`group_left or group_right follows ${name}`, 'Remove it');
  return areScalars ? 'scalar' : 'vector';
}
