import { RegistryLogin } from './image-artifact';
import { invalid, show } from '../validation/validation-error';

/** The GitHub environments that an environment's jobs use. */
interface Twinned {
  readonly name: string;
  readonly rollbackEnvironment?: string;
  readonly monitorEnvironment?: string;
}

/**
 * Rejects a `rollbackEnvironment` or `monitorEnvironment` that has another use: its jobs would run with the wrong secrets and reviewers.
 * GitHub ignores letter case.
 */
export function checkTwins(environment: Twinned, others: readonly Twinned[]): void {
  for (const { option, twin } of twinsOf(environment)) {
    if (same(twin, environment.name)) invalid(optionOf(environment, option), `${show(twin)} is the environment itself`, `Leave it out, or make an environment of its own: ${own(environment, option)}`);
    for (const other of others) checkApart(environment, option, twin, other);
  }
  for (const other of others) {
    const taken = twinsOf(other).find(({ twin }) => same(twin, environment.name));
    if (taken) invalid(`environment name ${show(environment.name)}`, `it is the ${taken.option} of ${show(other.name)}, which would get its secrets`, `Give that one a twin of its own: ${own(other, taken.option)}`);
  }
}

function checkApart(environment: Twinned, option: TwinOption, twin: string, other: Twinned): void {
  const taken = same(twin, other.name) ? 'an environment of its own' : twinsOf(other).filter((one) => same(twin, one.twin)).map((one) => `the ${one.option} of ${show(other.name)}`)[0];
  if (taken === undefined) return;
  invalid(optionOf(environment, option), `${show(twin)} is ${taken}, so jobs of ${show(environment.name)} would run with the secrets of ${show(other.name)}`,
    `Make a GitHub environment for it alone: ${own(environment, option)}`);
}

/**
 * Checks the environments of another project, because all projects of a repository share GitHub's environments. Two projects may deploy to
 * an environment of the same name, and share its twins.
 *
 * @param project the name of the other project
 */
export function checkTwinsOfProject(environment: Twinned, others: readonly Twinned[], project: string): void {
  for (const other of others) {
    checkAgainst(environment, other, `of the project ${show(project)}`);
    checkAgainst(other, environment, '', `the project ${show(project)}: `);
  }
}

/** @param which the project of `other`, and `where` that of the environment, in messages */
function checkAgainst(environment: Twinned, other: Twinned, which: string, where = ''): void {
  for (const { option, twin } of twinsOf(environment)) {
    const shared = twinsOf(other).find((one) => same(twin, one.twin) && !(same(environment.name, other.name) && one.option === option));
    const taken = same(twin, other.name) ? 'an environment' : shared && `the ${shared.option} of ${show(other.name)}`;
    if (taken === undefined) continue;
    invalid(`${where}${optionOf(environment, option)}`, `${show(twin)} is ${taken}${which && ` ${which}`}, so jobs of ${show(environment.name)} would run with the secrets of ${show(other.name)}`,
      `Make a GitHub environment for it alone: ${own(environment, option)}`);
  }
}

/** Rejects a `buildEnvironment` that has another use: reviewers would hold up the build, and it would get the secrets of a deployment. */
export function checkBuildEnvironment(login: RegistryLogin | undefined, environments: readonly Twinned[]): void {
  if (login?.kind !== 'aws') return;
  const { environment: name } = login;
  const namesOf = (environment: Twinned) => [environment.name, ...twinsOf(environment).map(({ twin }) => twin)];
  const taken = environments.find((environment) => namesOf(environment).some((other) => same(name, other)));
  if (taken) invalid('Artifact.image buildEnvironment', `${show(name)} belongs to the environment ${show(taken.name)}`, 'Make a GitHub environment for the build alone: buildEnvironment: \'build\'');
}

type TwinOption = 'rollbackEnvironment' | 'monitorEnvironment';

function twinsOf(environment: Twinned): { readonly option: TwinOption; readonly twin: string }[] {
  return (['rollbackEnvironment', 'monitorEnvironment'] as const).flatMap((option) => {
    const twin = environment[option];
    return twin === undefined ? [] : [{ option, twin }];
  });
}

function optionOf({ name }: Twinned, option: TwinOption): string {
  return `environment ${show(name)} ${option}`;
}

function own({ name }: Twinned, option: TwinOption): string {
  return `${option}: '${name}-${option === 'rollbackEnvironment' ? 'rollback' : 'monitor'}'`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
