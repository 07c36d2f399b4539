import { Environment } from './environment';
import { invalid, show } from '../validation/validation-error';

/** The branches of the repository that hold source code, as far as synthesis knows them. */
export interface SourceBranches {
  /** All environments of the repository. */
  readonly environments: readonly Environment[];
  readonly released: readonly string[];
}

/** Rejects a site on a branch of source code: each release replaces all files of the site's branch. */
export function checkSiteBranches(environments: readonly Environment[], sources: SourceBranches): void {
  for (const { target: { driver } } of environments) {
    if (driver?.kind !== 'githubPages') continue;
    const { branch } = driver;
    const deployed = sources.environments.find(({ trigger }) => trigger.kind === 'branch' && trigger.branch === branch);
    if (deployed) refuse(branch, `triggers the deployments to ${show(deployed.name)}`);
    if (sources.released.includes(branch)) refuse(branch, 'is a release branch of the project');
  }
}

function refuse(branch: string, why: string): never {
  return invalid('Target.githubPages branch', `${show(branch)} ${why}, and each release replaces all files of the site's branch`,
    'Use a separate branch for the site, for example \'gh-pages\'');
}
