/** A regular expression for RE2, which Go programs use, or why there is none. */
export type Re2Pattern = { readonly pattern: string; readonly fault?: undefined } | { readonly fault: string };

/** RE2 takes no larger count, nested ones multiplied. */
const MOST_REPEATS = 1000;

/** What JavaScript's `\s` means; RE2's knows only five of them. */
const SPACE = '\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NOT_SPACE = '\\x00-\\x08\\x0e-\\x1f!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}'
  + '\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const ANY = '(?s:.)';
const NOT_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';

/**
 * The same expression for RE2, for those who only ask whether it matches somewhere: JavaScript's (without flags) and RE2's mean different
 * things by `.`, `\s` and some escapes, and RE2 has no look-around and no back-references, because it promises linear time.
 *
 * A character beyond U+FFFF is two for JavaScript and one for RE2; only where that could be seen inside brackets or before a count it is
 * a fault.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function re2Pattern(source: string): Re2Pattern {
  try {
    return { pattern: new Translation(source).translate() };
  } catch (error) {
    if (error instanceof NotPortable) return { fault: error.message };
    throw error;
  }
}

class NotPortable extends Error {}

/** A piece, and how often the counts in it repeat its smallest part. */
interface Piece {
  readonly text: string;
  readonly repeats: number;
}

class Translation {
  private at = 0;

  constructor(private readonly source: string) {}

  public translate(): string {
    return this.alternatives().text;
  }

  private alternatives(): Piece {
    const branches: Piece[] = [this.sequence()];
    while (this.takes('|')) branches.push(this.sequence());
    return { text: branches.map(({ text }) => text).join('|'), repeats: Math.max(...branches.map(({ repeats }) => repeats)) };
  }

  private sequence(): Piece {
    let text = '';
    let repeats = 1;
    while (this.at < this.source.length && !['|', ')'].includes(this.source[this.at])) {
      const piece = this.counted(this.term());
      text += piece.text;
      repeats = Math.max(repeats, piece.repeats);
    }
    return { text, repeats };
  }

  private term(): Piece {
    if (this.takes('(')) return this.group();
    if (this.takes('[')) return once(this.brackets());
    if (this.takes('\\')) return once(this.escape());
    if (this.takes('.')) return once(NOT_LINE_END);
    if (this.takes('^')) return once('^');
    if (this.takes('$')) return once('$');
    return once(this.literal(String.fromCodePoint(this.source.codePointAt(this.at)!)));
  }

  private group(): Piece {
    const [, look] = this.takesMatch(/\?(<?[=!])/y) ?? [];
    if (look !== undefined) throw new NotPortable(`RE2 has no ${look.startsWith('<') ? 'lookbehind' : 'lookahead'}`);
    const silent = this.takesMatch(/\?:/y);
    if (!silent && !this.takesMatch(/\?<[^>]*>/y) && this.source[this.at] === '?') throw new NotPortable('it has modifiers in a group');
    const inner = this.alternatives();
    this.at++;
    return { ...inner, text: `${silent ? '(?:' : '('}${inner.text})` };
  }

  private counted({ text, repeats }: Piece): Piece {
    const [all, count, least, most] = this.takesMatch(/(?:[*+?]|(\{(\d+)(?:,(\d*))?\}))\??/y) ?? [];
    if (all === undefined) return { text, repeats };
    const times = count === undefined ? 1 : Math.max(Number(least), Number(most || 0), 1);
    if (times * repeats > MOST_REPEATS) throw new NotPortable(`RE2 repeats nothing more than ${MOST_REPEATS} times`);
    return { text: text + all, repeats: times * repeats };
  }

  /** Written so that it means itself. A character of two units would be counted by halves. */
  private literal(char: string): string {
    this.at += char.length;
    if (/[\ud800-\udfff]/.test(char) && (char.length === 1 || /[*+?{]/.test(this.source[this.at] ?? ''))) {
      throw new NotPortable('it takes half of a character beyond U+FFFF');
    }
    return escaped(char.codePointAt(0)!);
  }

  private escape(): string {
    const letter = this.source[this.at];
    if (letter === 's' || letter === 'S') {
      this.at++;
      return `[${letter === 's' ? SPACE : NOT_SPACE}]`;
    }
    if ('dDwWbB'.includes(letter)) {
      this.at++;
      return `\\${letter}`;
    }
    const pair = this.takesMatch(/u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y);
    if (pair) {
      if (/[*+?{]/.test(this.source[this.at] ?? '')) throw new NotPortable('it takes half of a character beyond U+FFFF');
      return escaped(String.fromCharCode(Number.parseInt(pair[1], 16), Number.parseInt(pair[2], 16)).codePointAt(0)!);
    }
    return escaped(notHalf(this.escapedUnit()));
  }

  /** Behind a backslash: the one character that is meant. */
  private escapedUnit(): number {
    const hex = this.takesMatch(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y);
    if (hex) return Number.parseInt(hex[1] ?? hex[2], 16);
    const control = this.takesMatch(/c([A-Za-z])/y);
    if (control) return control[1].charCodeAt(0) % 32;
    if (this.takesMatch(/0(?!\d)/y)) return 0;
    const letter = this.source[this.at];
    if (/[1-9]/.test(letter) || letter === 'k') throw new NotPortable('RE2 has no back-references');
    if (letter === '0' || letter === 'c') throw new NotPortable(`it has the escape \\${letter}, which means different things`);
    const named = 'tnvfr'.indexOf(letter);
    const unit = named < 0 ? this.source.codePointAt(this.at)! : '\t\n\v\f\r'.charCodeAt(named);
    this.at += String.fromCodePoint(unit).length;
    return unit;
  }

  private brackets(): string {
    if (this.takesMatch(/\^\]|\\s\\S\]|\\S\\s\]|\\d\\D\]|\\w\\W\]/y)) return ANY;
    const isNegated = this.takes('^');
    let items = '';
    while (!this.takes(']')) items += this.range();
    if (items === '') return '[^\\x00-\\x{10ffff}]';
    return `[${isNegated ? '^' : ''}${items}]`;
  }

  private range(): string {
    const first = this.inBrackets();
    const rest = this.source.slice(this.at, this.at + 2);
    if (!rest.startsWith('-') || rest === '-]') return typeof first === 'string' ? first : escaped(notHalf(first));
    this.at++;
    const last = this.inBrackets();
    if (typeof first === 'string' || typeof last === 'string') throw new NotPortable('a range in brackets ends in a class');
    // whoever means every unit means the halves of characters, too
    if (first <= 0xd800 && last >= 0xdfff) return `${escaped(first)}-\\x{d7ff}\\x{e000}-${escaped(last)}\\x{10000}-\\x{10ffff}`;
    return `${escaped(notHalf(first))}-${escaped(notHalf(last))}`;
  }

  /** A class, or the one character that is meant. */
  private inBrackets(): string | number {
    if (!this.takes('\\')) return this.source.codePointAt(this.at++)!;
    const letter = this.source[this.at];
    if (letter === 'b' || 'sSdDwW'.includes(letter)) {
      this.at++;
      if (letter === 'b') return 8;
      if (letter === 's') return SPACE;
      return letter === 'S' ? NOT_SPACE : `\\${letter}`;
    }
    return this.escapedUnit();
  }

  private takes(char: string): boolean {
    if (this.source[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** @param sticky with the flag `y` */
  private takesMatch(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.source);
    if (found) this.at += found[0].length;
    return found ?? undefined;
  }
}

function once(text: string): Piece {
  return { text, repeats: 1 };
}

function notHalf(point: number): number {
  if (point >= 0xd800 && point <= 0xdfff || point > 0xffff) throw new NotPortable('it has a character beyond U+FFFF in brackets, or half of one');
  return point;
}

function escaped(point: number): string {
  if (point < 0x20 || point >= 0x7f) return point < 0x80 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\x{${point.toString(16)}}`;
  const char = String.fromCharCode(point);
  return /[A-Za-z0-9 _"'/<>=!@#%&,:;`~]/.test(char) ? char : `\\${char}`;
}
