import { INPUT_VARIABLE } from '../../../contract/environment-variables';
import { INPUT } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { checkExpression } from '../invariants/github-limits';

/**
 * The environment that a job is about: one that is known at synthesis, or the one that a person chooses in the workflow's form. Then one
 * job serves all of them, and what differs between them stands in expressions.
 */
export class JobEnvironment {
  public static of(environment: Environment): JobEnvironment {
    return new JobEnvironment([environment], environment);
  }

  /** Those that a person can choose, in a workflow with an input called environment. */
  public static chosen(environments: Environment[]): JobEnvironment {
    return new JobEnvironment(environments);
  }

  private constructor(private readonly environments: Environment[], private readonly known?: Environment) {}

  /** As names of steps call it. */
  public get name(): string {
    return this.known?.name ?? CHOSEN;
  }

  /** As names of jobs call it. */
  public get title(): string {
    return this.known?.title ?? this.first.scope.titleOf(CHOSEN);
  }

  /** As concurrency groups call it: the same in every workflow. */
  public get key(): string {
    return this.known?.key ?? this.first.scope.keyOf(CHOSEN);
  }

  /** On the runtime's command line. What a person chose is one word there, and no part of the line itself. */
  public get words(): string {
    return this.known?.words ?? this.first.scope.wordsOf(`"$${INPUT_VARIABLE.ENVIRONMENT}"`);
  }

  public some(fits: (environment: Environment) => boolean): boolean {
    return this.environments.some(fits);
  }

  public all<T>(listOf: (environment: Environment) => T[]): T[] {
    return [...new Set(this.environments.flatMap(listOf))];
  }

  public largest(numberOf: (environment: Environment) => number): number {
    return Math.max(...this.environments.map(numberOf));
  }

  /** What all of them have in common, if they do. */
  public common<T>(valueOf: (environment: Environment) => T): { readonly value: T } | undefined {
    const different = new Map(this.environments.map((environment) => [JSON.stringify(valueOf(environment)), valueOf(environment)]));
    return different.size === 1 ? { value: [...different.values()][0] } : undefined;
  }

  /** A value that is an environment's own; empty for one that has none, or that there is not. */
  public pick(valueOf: (environment: Environment) => unknown): string {
    const values = Object.fromEntries(this.environments.map((environment) => [environment.name, valueOf(environment)]));
    return this.within(`\${{ fromJSON(${literal(values)})[inputs.${INPUT.ENVIRONMENT}] }}`);
  }

  /** A text, where any of them has it. */
  public text(textOf: (environment: Environment) => string | undefined): string | undefined {
    if (!this.some((environment) => textOf(environment) !== undefined)) return undefined;
    // that of a person's choice is never taken for granted: it may be the name of none of them
    return this.known ? textOf(this.known) : this.pick(textOf);
  }

  /** What holds for these of them only, as a part of an expression: empty where it holds for all. */
  public only(fits: (environment: Environment) => boolean): string {
    const fitting = this.environments.filter(fits);
    if (fitting.length === this.environments.length) return '';
    return `contains(fromJSON(${literal(fitting.map(({ name }) => name))}), inputs.${INPUT.ENVIRONMENT}) && `;
  }

  /** Secrets as a step gets them: of an environment that does not name it, a secret is empty. */
  public secrets(secretsOf: (environment: Environment) => string[]): Record<string, string> {
    return Object.fromEntries(this.all(secretsOf).map((secret) => {
      const only = this.only((environment) => secretsOf(environment).includes(secret));
      return [secret, this.within(`\${{ ${only}secrets.${secret}${only === '' ? '' : ' || \'\''} }}`)];
    }));
  }

  /** What has to name many of them may be longer than GitHub reads. */
  private within(text: string): string {
    checkExpression('Delivery environments', 'an expression that looks up the one that was chosen', text, this.environments.length);
    return text;
  }

  private get first(): Environment {
    return this.environments[0];
  }
}

/** The name of the environment that was chosen, as the names of jobs and steps have it. */
export const CHOSEN = `\${{ inputs.${INPUT.ENVIRONMENT} }}`;

/** What a workflow of this kind says above its jobs, so that the name is one word of their lines, whatever it is. */
export const CHOSEN_ENV = { [INPUT_VARIABLE.ENVIRONMENT]: CHOSEN };

/** JSON within an expression. Two braces would end the expression for readers that do not look at quotes. */
function literal(value: unknown): string {
  const json = JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (text) => text.replaceAll('}', '\\u007d')).replaceAll('}}', '} }');
  return `'${json.replaceAll('\'', '\'\'')}'`;
}
