/** Replaces secrets by `***`, wherever a log, a summary or an output would show them. */
export class Masker {
  private readonly secrets = new Set<string>();

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Each line of it is one, as for GitHub. */
  public add(secret: string): void {
    for (const part of [secret, ...secret.split(/\r?\n/)]) {
      if (part.trim() !== '') this.secrets.add(part);
    }
  }

  public mask(text: string): string {
    // the longest first, or what is left of it would show
    return [...this.secrets].sort((a, b) => b.length - a.length).reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  }

  public reveals(text: string): boolean {
    return this.mask(text) !== text;
  }
}
