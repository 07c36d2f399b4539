import { holds } from '../../github-actions-emulator/expression';

/** What is known of a job that others need. */
export interface Needed {
  readonly result: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** What a condition may see. */
export interface Seen {
  readonly github: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string | boolean>>;
  readonly needs: Readonly<Record<string, Needed>>;
  readonly steps: Readonly<Record<string, unknown>>;
}

/** What the status functions return. */
export interface Status {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

const REFERENCE = /\b(?:needs|github|inputs|steps)(?:\.[\w-]+)+/g;

/**
 * An `if` of the synthesized YAML, as it stands there. GitHub's own evaluator is asked, once for each different set of values that
 * the condition mentions.
 */
export class Condition {
  private readonly references: string[][];
  private readonly results = new Map<string, boolean>();

  /** Whether it asks how the jobs before those it needs went: `success()`, which is meant where no status function is named, or `failure()`. */
  public readonly readsAncestors: boolean;

  constructor(public readonly text: string | undefined) {
    this.readsAncestors = /\b(success|failure)\(\)/.test(text ?? '') || !/\b(always|cancelled)\(\)/.test(text ?? '');
    const outsideQuotes = (text ?? '').replace(/'[^']*'/g, '\'\'');
    this.references = [...new Set(outsideQuotes.match(REFERENCE) ?? [])].map((reference) => reference.split('.'));
  }

  public holds(seen: Seen, status: Status): boolean {
    const values = this.references.map((path) => path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], seen));
    const key = JSON.stringify([values, status.success, status.failure, status.cancelled]);
    let result = this.results.get(key);
    if (result === undefined) {
      result = holds(this.text, { ...seen }, {
        always: () => true, success: () => status.success, failure: () => status.failure, cancelled: () => status.cancelled,
      });
      this.results.set(key, result);
    }
    return result;
  }
}
