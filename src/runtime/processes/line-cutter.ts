import { masker } from '../reporting/masking';
import { truncate } from '../reporting/untrusted-text';

export interface LineCutterOptions {
  readonly onLine: (line: string) => void;
  /** Hidden before a long line is cut, so that no half of one gets through. */
  readonly secrets?: readonly string[];
  /** Whether long lines stay whole. @default false */
  readonly keepsLines?: boolean;
  /** Longer lines come in pieces, characters. @default 8192 */
  readonly longestLine?: number;
}

/** The default. */
const MAX_LENGTH = 8192;

/** Cuts a stream of bytes into lines: at \n, \r and \r\n, wherever the chunks end. Invalid UTF-8 is shown as �. */
export class LineCutter {
  private readonly decoder = new TextDecoder('utf-8');
  private readonly mask: (text: string) => string;
  private readonly longestSecret: number;
  private readonly maxLength: number;
  private rest = '';
  private afterReturn = false;

  constructor(private readonly options: LineCutterOptions) {
    const secrets = options.secrets ?? [];
    this.mask = masker(secrets);
    this.longestSecret = Math.max(0, ...secrets.map((secret) => secret.length));
    this.maxLength = options.keepsLines ? Infinity : Math.max(options.longestLine ?? MAX_LENGTH, 2 * this.longestSecret);
  }

  public write(chunk: Uint8Array): void {
    this.take(this.decoder.decode(chunk, { stream: true }));
  }

  /** The rest without a line break is a line, too. */
  public end(): void {
    this.take(this.decoder.decode());
    if (this.rest !== '') this.options.onLine(this.rest);
    this.rest = '';
  }

  private take(text: string): void {
    let from = 0;
    for (const { index, 0: found } of text.matchAll(/\r\n|\n|\r/g)) {
      // the last chunk ended with \r: this \n belongs to it
      const otherHalf = this.afterReturn && index === 0 && found === '\n';
      this.append(text.slice(from, index));
      if (!otherHalf) this.options.onLine(this.rest);
      this.rest = '';
      from = index + found.length;
    }
    if (text !== '') this.afterReturn = text.endsWith('\r');
    this.append(text.slice(from));
  }

  private append(text: string): void {
    this.rest += text;
    while (this.rest.length > this.maxLength) this.cutPiece();
  }

  /** Passes on all but the end of the line, which may hold the first half of a secret. */
  private cutPiece(): void {
    const masked = this.mask(this.rest);
    if (masked.length <= this.maxLength) {
      this.rest = masked;
      return;
    }
    const piece = truncate(masked, Math.min(this.maxLength, masked.length - this.longestSecret), '');
    this.options.onLine(piece);
    this.rest = masked.slice(piece.length);
  }
}
