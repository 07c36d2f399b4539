import { INPUT_VARIABLE } from '../../../contract/environment-variables';
import { INPUT } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { checkExpression } from '../invariants/github-limits';

/**
 * The environment of a job: one that is known at synthesis, or one that a person chooses in the workflow's form. In the second case one job
 * serves all environments, and expressions select what differs between them.
 */
export class JobEnvironment {
  public static of(environment: Environment): JobEnvironment {
    return new JobEnvironment([environment], environment);
  }

  /** The environments that a person can choose with the input `environment`. */
  public static chosen(environments: Environment[]): JobEnvironment {
    return new JobEnvironment(environments);
  }

  private constructor(private readonly environments: Environment[], private readonly known?: Environment) {}

  /** The name in names of steps. */
  public get name(): string {
    return this.known?.name ?? CHOSEN;
  }

  /** The name in names of jobs. */
  public get title(): string {
    return this.known?.title ?? this.first.scope.titleOf(CHOSEN);
  }

  /** The name in concurrency groups, the same in every workflow. */
  public get key(): string {
    return this.known?.key ?? this.first.scope.keyOf(CHOSEN);
  }

  /** The arguments on the runtime's command line. A person's choice is a quoted variable, never part of the line. */
  public get words(): string {
    return this.known?.words ?? this.first.scope.wordsOf(`"$${INPUT_VARIABLE.ENVIRONMENT}"`);
  }

  public some(fits: (environment: Environment) => boolean): boolean {
    return this.environments.some(fits);
  }

  public all<T>(listOf: (environment: Environment) => T[]): T[] {
    return [...new Set(this.environments.flatMap(listOf))];
  }

  public each<T>(valueOf: (environment: Environment) => T): T[] {
    return this.environments.map(valueOf);
  }

  /** Returns a value that all environments share. */
  public common<T>(valueOf: (environment: Environment) => T): { readonly value: T } | undefined {
    const different = new Map(this.environments.map((environment) => [JSON.stringify(valueOf(environment)), valueOf(environment)]));
    return different.size === 1 ? { value: [...different.values()][0] } : undefined;
  }

  /** Returns an expression that selects a value by environment; empty for an environment without one. */
  public pick(valueOf: (environment: Environment) => unknown): string {
    const values = Object.fromEntries(this.environments.map((environment) => [environment.name, valueOf(environment)]));
    return this.within(`\${{ fromJSON(${literal(values)})[inputs.${INPUT.ENVIRONMENT}] }}`);
  }

  /** Returns a text, if any environment has one. */
  public text(textOf: (environment: Environment) => string | undefined): string | undefined {
    if (!this.some((environment) => textOf(environment) !== undefined)) return undefined;
    // a person's choice can be none of the environments
    return this.known ? textOf(this.known) : this.pick(textOf);
  }

  /** Returns the part of an expression that holds only for these environments; empty if it holds for all. */
  public only(fits: (environment: Environment) => boolean): string {
    const fitting = this.environments.filter(fits);
    if (fitting.length === this.environments.length) return '';
    return `contains(fromJSON(${literal(fitting.map(({ name }) => name))}), inputs.${INPUT.ENVIRONMENT}) && `;
  }

  /** Returns the secrets of a step. A secret that the chosen environment does not list is empty. */
  public secrets(secretsOf: (environment: Environment) => string[]): Record<string, string> {
    return Object.fromEntries(this.all(secretsOf).map((secret) => {
      const only = this.only((environment) => secretsOf(environment).includes(secret));
      return [secret, this.within(`\${{ ${only}secrets.${secret}${only === '' ? '' : ' || \'\''} }}`)];
    }));
  }

  /** An expression with many environments may exceed GitHub's limit. */
  private within(text: string): string {
    checkExpression('Delivery environments', 'an expression that looks up the one that was chosen', text, this.environments.length);
    return text;
  }

  private get first(): Environment {
    return this.environments[0];
  }
}

/** The chosen environment, in the names of jobs and steps. */
export const CHOSEN = `\${{ inputs.${INPUT.ENVIRONMENT} }}`;

/** The variable through which lines read the chosen environment, as one word. */
export const CHOSEN_ENV = { [INPUT_VARIABLE.ENVIRONMENT]: CHOSEN };

/** Writes JSON within an expression, without `}}`: some parsers end the expression there, even in quotes. */
function literal(value: unknown): string {
  const json = JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (text) => text.replaceAll('}', '\\u007d')).replaceAll('}}', '} }');
  return `'${json.replaceAll('\'', '\'\'')}'`;
}
