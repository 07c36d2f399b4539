export interface ScreenOptions {
  readonly write: (text: string) => void;
  /** Whether colours are understood, and a line can be written over. */
  readonly isTerminal: boolean;
  readonly columns?: number;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };
export type Style = keyof typeof CODES;
const CLEAR_LINE = '\r\u001b[K';

/** Lines that stay, and on a terminal one below them that shows what is going on. */
export class Screen {
  public static ofProcess(): Screen {
    const { stdout } = process;
    return new Screen({ write: (text) => stdout.write(text), isTerminal: stdout.isTTY && !process.env.NO_COLOR, columns: stdout.columns });
  }

  private shown = false;

  constructor(private readonly options: ScreenOptions) {}

  public line(text = ''): void {
    this.clear();
    this.options.write(`${text}\n`);
  }

  /** What is going on; nothing where it could not be taken away again. */
  public status(text: string): void {
    if (!this.options.isTerminal) return;
    const room = (this.options.columns ?? 80) - 1;
    this.options.write(`${CLEAR_LINE}${this.style('dim', text.slice(0, room))}`);
    this.shown = true;
  }

  public clear(): void {
    if (this.shown) this.options.write(CLEAR_LINE);
    this.shown = false;
  }

  public style(style: Style, text: string): string {
    return this.options.isTerminal ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  }
}
